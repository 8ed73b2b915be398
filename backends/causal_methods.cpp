#include "backends/causal_methods.h"

#include <algorithm>

#include "backends/arguments.h"
#include "backends/causal_run.h"
#include "base/error.h"

namespace millrace {
namespace {

NamedTensors forward(const TextDecoder& decoder, const NamedTensors& arguments) {
  const auto rows = token_rows(arguments.at("input_ids"), "input_ids");
  const auto batch = static_cast<int64_t>(rows.size()), length = static_cast<int64_t>(rows[0].size());
  std::vector<DecoderFeed> feeds;
  for (const auto& row : rows) feeds.push_back({.slot = 0, .tokens = row});
  return {{"logits", logits_of(decoder, std::move(feeds), given_masks(arguments, batch, length), length)}};
}

NamedTensors token_embedding(const TextDecoder& decoder, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  std::vector<TokenId> tokens;
  for (const auto& row : token_rows(ids, "input_ids")) tokens.insert(tokens.end(), row.begin(), row.end());
  return {{"embeds", decoder.embed(tokens).reshaped({ids.dim(0), ids.dim(1), decoder.embedding_width()})}};
}

NamedTensors text_decoder(const TextDecoder& decoder, const NamedTensors& arguments) {
  return {{"logits", logits_of_embeddings(decoder, arguments)}};
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
  std::vector<DecoderFeed> feeds;
  for (const auto& row : rows) feeds.push_back({.slot = 0, .tokens = row});
  return {{"sequences", most_likely(decoder, std::move(feeds), requested_tokens(arguments))}};
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
