#include "decoders/transformer_decoder.h"

#include "base/error.h"
#include "decoders/transformer_decoder_session.h"
#include "models/layers/positions.h"

namespace millrace {

TransformerDecoder::TransformerDecoder(const Settings& settings, const WeightScope& weights)
    : attention_(attention_options(settings, /*causal=*/true)),
      weights_(weights.type()),
      max_length_(settings.size("positions")),
      embedding_(settings, weights),
      norm_(weights.at("norm"), attention_.width, norm_options(settings)) {
  if (settings.flag("learned_positions", false))
    positions_ = position_embeddings(settings, weights, attention_.width);
  const auto options = transformer_layer_options(settings, /*causal=*/true);
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    layers_.emplace_back(weights.at("layers", i), options);
  for (const auto& layer : layers_)
    if ((layer.cross_attention() != nullptr) != has_memory())
      fail(ErrorKind::model, "{}: some layers attend to an encoder and others do not",
           weights.place("cross_attention"));
}

std::unique_ptr<DecoderSession> TransformerDecoder::begin(int slots, int64_t max_length) const {
  return std::make_unique<TransformerDecoderSession>(*this, slots, max_length);
}

void TransformerDecoder::embed(std::span<const TokenId> tokens, int64_t position, const Rows& states) const {
  for (int64_t i = 0; i < states.count; ++i) {
    embedding_.embed(tokens[static_cast<size_t>(i)], states.row(i));
    if (!positions_.empty())
      kernels::add(positions_.data<float>() + (position + i) * states.width, states.width, states.row(i));
  }
}

void TransformerDecoder::unembed(const Rows& states, const Rows& logits) const {
  norm_.forward(states, states);
  embedding_.unembed(states, logits);
}

}  // namespace millrace
