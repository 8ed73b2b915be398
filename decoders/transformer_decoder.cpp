#include "decoders/transformer_decoder.h"

#include <algorithm>

#include "base/error.h"
#include "decoders/transformer_decoder_session.h"
#include "models/layers/positions.h"

namespace millrace {
namespace {

// Where positions are computed, sequences may be as long as the rounding of angles allows.
constexpr int64_t kLongestSequence = int64_t{1} << 24;

}  // namespace

TransformerDecoder::TransformerDecoder(const Settings& settings, const WeightScope& weights)
    : attention_(attention_options(settings, /*causal=*/true)),
      weights_(weights.type()),
      positions_count_(settings.size("positions")),
      position_offset_(settings.count("position_offset", 0)),
      masked_positions_(settings.flag("masked_positions", false)),
      embedding_(settings, weights),
      plan_(layer_plan(settings, /*causal=*/true)) {
  if (settings.flag("learned_positions", false))
    positions_ = position_embeddings(settings, weights, position_offset_, attention_.width);
  Alibi alibi(settings, attention_.heads, attention_.scale);
  if (settings.flag("alibi", false)) alibi_ = std::move(alibi);
  const bool no_final_norm = settings.flag("no_final_norm", false);
  if (settings.flag("final_norm", true) && !no_final_norm)
    norm_.emplace(weights.at("norm"), attention_.width, norm_options(settings));
  auto options = transformer_layer_options(settings, /*causal=*/true);
  for (size_t i = 0; i < plan_.attention.size(); ++i) {
    options.attention = plan_.attention[i];
    layers_.emplace_back(weights.at("layers", static_cast<int64_t>(i)), options);
  }
  // A decoder without layers may be given an encoder's states, and looks at none.
  attends_to_memory_ = settings.flag("cross_attention", false);
  for (const auto& layer : layers_)
    if ((layer.cross_attention() != nullptr) != attends_to_memory_)
      fail(ErrorKind::model, "{}: the layers of this model {} attend to an encoder",
           weights.place("cross_attention"), attends_to_memory_ ? "should" : "should not");
}

std::unique_ptr<DecoderSession> TransformerDecoder::begin(int slots, int64_t max_length) const {
  return std::make_unique<TransformerDecoderSession>(*this, slots, max_length);
}

int64_t TransformerDecoder::longest() const {
  return positions_.empty() ? kLongestSequence : positions_count_;
}

int64_t TransformerDecoder::steady_length() const {
  int64_t length = TextDecoder::steady_length();
  for (const auto& rotary : plan_.rotary) length = std::min(length, rotary->steady_length());
  return length;
}

bool TransformerDecoder::renews() const {
  return std::ranges::any_of(plan_.rotary, [this](const auto& rotary) {
    return rotary->renews() && rotary->steady_length() != TextDecoder::steady_length();
  });
}

size_t TransformerDecoder::position_bytes() const {
  size_t bytes = static_cast<size_t>(attention_.kv_width()) * size_of(cache_type(weights_));
  if (std::ranges::any_of(layers_, &TransformerLayer::has_convolution))
    bytes = std::max(bytes, ShortConvolution::position_bytes(attention_.width));
  return bytes;
}

Tensor TransformerDecoder::embed(std::span<const TokenId> tokens) const {
  for (const TokenId token : tokens)
    if (token < 0 || token >= vocabulary())
      fail(ErrorKind::input, "token {} is outside the vocabulary of {}", token, vocabulary());
  const auto count = static_cast<int64_t>(tokens.size());
  Tensor result(DType::float32, {count, embedding_width()});
  embedding_.embed(tokens, {result.mutable_data<float>(), count, embedding_width(),
                            static_cast<size_t>(embedding_width())});
  return result;
}

void TransformerDecoder::enter(const DecoderFeed& feed, int64_t position, const Rows& states,
                               Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t width = embedding_width();
  Rows embeddings = states;
  if (!feed.embeddings.empty()) {
    // Only read, though Rows is a view that may be written through.
    embeddings = {const_cast<float*>(feed.embeddings.data()), states.count, width,
                  static_cast<size_t>(width)};
  } else {
    if (width != states.width) embeddings = workspace.rows(states.count, width);
    embedding_.embed(feed.tokens, embeddings);
  }
  embedding_.admit(embeddings, states);
  if (!positions_.empty()) add_positions(feed, position, states);
}

void TransformerDecoder::add_positions(const DecoderFeed& feed, int64_t position, const Rows& states) const {
  const bool masked = masked_positions_ && !feed.attention_mask.empty();
  int64_t tokens = 0;
  for (int64_t i = 0; i < states.count; ++i) {
    int64_t index = position + i;
    if (masked) index = feed.attention_mask[static_cast<size_t>(i)] != 0 ? tokens++ : -1;
    index = std::max<int64_t>(index + position_offset_, 0);
    kernels::add(positions_.data<float>() + index * states.width, states.width, states.row(i));
  }
}

void TransformerDecoder::leave(const Rows& states, const Rows& logits, Workspace& workspace) const {
  if (norm_) norm_->forward(states, states);
  embedding_.unembed(states, logits, workspace);
}

}  // namespace millrace
