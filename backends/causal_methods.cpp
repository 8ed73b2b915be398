#include "backends/causal_methods.h"

#include <algorithm>

#include "backends/arguments.h"
#include "base/error.h"

namespace millrace {
namespace {

using Masks = std::vector<std::vector<uint8_t>>;

// Logits [B, T, vocabulary] of one feed for each row of a batch.
NamedTensors run_whole(const TextDecoder& decoder, std::vector<DecoderFeed> feeds, const Masks& masks,
                       int64_t length) {
  const auto batch = static_cast<int64_t>(feeds.size());
  for (size_t i = 0; i < feeds.size(); ++i) {
    feeds[i].slot = static_cast<int>(i);
    if (!masks.empty()) feeds[i].attention_mask = masks[i];
  }
  const auto session = decoder.begin(static_cast<int>(batch), length);
  return {{"logits", session->step_all(feeds).reshaped({batch, length, decoder.vocabulary()})}};
}

NamedTensors forward(const TextDecoder& decoder, const NamedTensors& arguments) {
  const auto rows = token_rows(arguments.at("input_ids"), "input_ids");
  const auto batch = static_cast<int64_t>(rows.size()), length = static_cast<int64_t>(rows[0].size());
  std::vector<DecoderFeed> feeds;
  for (const auto& row : rows) feeds.push_back({.slot = 0, .tokens = row});
  return run_whole(decoder, std::move(feeds), given_masks(arguments, batch, length), length);
}

NamedTensors token_embedding(const TextDecoder& decoder, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  std::vector<TokenId> tokens;
  for (const auto& row : token_rows(ids, "input_ids")) tokens.insert(tokens.end(), row.begin(), row.end());
  return {{"embeds", decoder.embed(tokens).reshaped({ids.dim(0), ids.dim(1), decoder.embedding_width()})}};
}

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

NamedTensors text_decoder(const TextDecoder& decoder, const NamedTensors& arguments) {
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
  return run_whole(decoder, std::move(feeds), given_masks(arguments, batch, length), length);
}

// The prompts without their padding, which only makes them equally long.
std::vector<std::vector<TokenId>> prompts(const NamedTensors& arguments) {
  auto rows = token_rows(arguments.at("input_ids"), "input_ids");
  const auto masks =
      given_masks(arguments, static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size()));
  for (size_t i = 0; i < masks.size(); ++i) {
    size_t at = 0;
    std::erase_if(rows[i], [&](TokenId) { return masks[i][at++] == 0; });
    if (rows[i].empty()) fail(ErrorKind::input, "'attention_mask' masks all of row {}", i);
  }
  return rows;
}

NamedTensors generate(const TextDecoder& decoder, const NamedTensors& arguments) {
  const auto rows = prompts(arguments);
  const int64_t count = requested_tokens(arguments), batch = static_cast<int64_t>(rows.size());
  int64_t longest = 0;
  for (const auto& row : rows) longest = std::max(longest, static_cast<int64_t>(row.size()));
  const auto session = decoder.begin(static_cast<int>(batch), longest + count);
  Tensor sequences(DType::int64, {batch, count});
  std::vector<TokenId> last(rows.size());
  for (int64_t position = 0; position < count; ++position) {
    std::vector<DecoderFeed> feeds;
    for (size_t i = 0; i < rows.size(); ++i)
      feeds.push_back(
          {.slot = static_cast<int>(i),
           .tokens = position == 0 ? std::span<const TokenId>(rows[i]) : std::span(last).subspan(i, 1)});
    const Tensor logits = session->step(feeds);
    const auto vocabulary = static_cast<size_t>(decoder.vocabulary());
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto row = logits.values<float>().subspan(i * vocabulary, vocabulary);
      last[i] = static_cast<TokenId>(std::ranges::max_element(row) - row.begin());
      sequences.mutable_data<int64_t>()[static_cast<int64_t>(i) * count + position] = last[i];
    }
  }
  return {{"sequences", sequences}};
}

}  // namespace

std::vector<Method> causal_methods(std::shared_ptr<const TextDecoder> decoder) {
  const auto method = [&](MethodInfo info, std::vector<std::string> optional, auto run) {
    return Method{.info = std::move(info),
                  .optional = std::move(optional),
                  .run = [decoder, run](const NamedTensors& arguments) { return run(*decoder, arguments); }};
  };
  return {method({"text_decoder", {"inputs_embeds", "cache_position", "attention_mask"}, {"logits"}},
                 {"cache_position", "attention_mask"}, text_decoder),
          method({"token_embedding", {"input_ids"}, {"embeds"}}, {}, token_embedding),
          method({"forward", {"input_ids", "attention_mask"}, {"logits"}}, {"attention_mask"}, forward),
          method({"generate", {"input_ids", "attention_mask", "max_new_tokens"}, {"sequences"}},
                 {"attention_mask"}, generate)};
}

}  // namespace millrace
