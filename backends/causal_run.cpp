#include "backends/causal_run.h"

#include <algorithm>

#include "backends/arguments.h"
#include "base/error.h"

namespace millrace {
namespace {

void check_positions(const NamedTensors& arguments, int64_t length) {
  const auto given = arguments.find("cache_position");
  if (given == arguments.end()) return;
  const Tensor& positions = given->second;
  if (positions.dtype() != DType::int64 || positions.count() % length != 0)
    misshapen("cache_position", fmt::format("int64 [{}]", length), positions);
  for (int64_t i = 0; i < positions.count(); ++i)
    if (positions.data<int64_t>()[i] != i % length)
      fail(ErrorKind::input,
           "'cache_position' should count from 0, as nothing is cached before, but holds {}",
           positions.data<int64_t>()[i]);
}

int64_t positions_in(const DecoderFeed& feed, const TextDecoder& decoder) {
  return feed.embeddings.empty() ? std::ssize(feed.tokens)
                                 : std::ssize(feed.embeddings) / decoder.embedding_width();
}

}  // namespace

Tensor logits_of(const TextDecoder& decoder, std::vector<DecoderFeed> feeds,
                 const std::vector<std::vector<uint8_t>>& masks, int64_t length) {
  const auto batch = std::ssize(feeds);
  for (size_t i = 0; i < feeds.size(); ++i) {
    feeds[i].slot = static_cast<int>(i);
    if (!masks.empty()) feeds[i].attention_mask = masks[i];
  }
  const auto session = decoder.begin(static_cast<int>(batch), length);
  return session->step_all(feeds).reshaped({batch, length, decoder.vocabulary()});
}

Tensor logits_of_embeddings(const TextDecoder& decoder, const NamedTensors& arguments) {
  const Tensor& given = arguments.at("inputs_embeds");
  const int64_t width = decoder.embedding_width();
  if (given.dtype() != DType::float32 || given.rank() < 2 || given.rank() > 3 ||
      given.shape().back() != width || given.empty())
    misshapen("inputs_embeds", fmt::format("float32 [B, T, {}]", width), given);
  const Tensor embeds = given.rank() == 3 ? given : given.reshaped({1, given.dim(0), width});
  const int64_t batch = embeds.dim(0), length = embeds.dim(1);
  check_positions(arguments, length);
  std::vector<DecoderFeed> feeds;
  const auto row = static_cast<size_t>(length * width);
  for (int64_t i = 0; i < batch; ++i)
    feeds.push_back({.slot = 0,
                     .tokens = {},
                     .embeddings = embeds.values<float>().subspan(static_cast<size_t>(i) * row, row)});
  return logits_of(decoder, std::move(feeds), given_masks(arguments, batch, length), length);
}

Tensor most_likely(const TextDecoder& decoder, std::vector<DecoderFeed> prompts, int64_t count) {
  const auto batch = std::ssize(prompts);
  int64_t longest = 0;
  for (size_t i = 0; i < prompts.size(); ++i) {
    prompts[i].slot = static_cast<int>(i);
    longest = std::max(longest, positions_in(prompts[i], decoder));
  }
  const auto session = decoder.begin(static_cast<int>(batch), longest + count);
  Tensor sequences(DType::int64, {batch, count});
  std::vector<TokenId> last(prompts.size());
  std::vector<DecoderFeed> feeds = std::move(prompts);
  for (int64_t position = 0; position < count; ++position) {
    const Tensor logits = session->step(feeds);
    const auto vocabulary = static_cast<size_t>(decoder.vocabulary());
    for (size_t i = 0; i < last.size(); ++i) {
      const auto row = logits.values<float>().subspan(i * vocabulary, vocabulary);
      last[i] = static_cast<TokenId>(std::ranges::max_element(row) - row.begin());
      sequences.mutable_data<int64_t>()[static_cast<int64_t>(i) * count + position] = last[i];
      feeds[i] = {.slot = static_cast<int>(i), .tokens = std::span(last).subspan(i, 1)};
    }
  }
  return sequences;
}

}  // namespace millrace
