#include "backends/multimodal_prompt.h"

#include <algorithm>

#include "backends/arguments.h"
#include "base/error.h"

namespace millrace {
namespace {

// What an encoder of media is given, of the arguments of another method.
NamedTensors media_in(const MediaEmbedder& encoder, const NamedTensors& arguments) {
  NamedTensors media;
  for (const auto& name : encoder.arguments())
    if (const auto given = arguments.find(name); given != arguments.end()) media.insert(*given);
  return media;
}

// Embeddings of the pictures or sounds among the arguments, empty where there are none.
MediaRows media_embeddings(const MediaEmbedder* encoder, const NamedTensors& arguments) {
  if (encoder == nullptr) return {};
  const auto media = media_in(*encoder, arguments);
  const std::string first = encoder->arguments().front();
  if (!media.contains(first)) {
    if (!media.empty()) fail(ErrorKind::input, "there is a '{}' but no '{}'", media.begin()->first, first);
    return {};
  }
  const auto optional = encoder->optional_arguments();
  for (const auto& name : encoder->arguments())
    if (!media.contains(name) && !std::ranges::count(optional, name))
      fail(ErrorKind::input, "with '{}', '{}' is needed, too", first, name);
  return {.rows = encoder->embed(media)};
}

void check_all_used(const MediaRows& media, std::string_view kind, TokenId token, int64_t width) {
  if (const int64_t given = media.rows.count() / width; media.used != given)
    fail(ErrorKind::input, "the {} fill {} places, but 'input_ids' has {} of token {}", kind, given,
         media.used, token);
}

}  // namespace

std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids, PromptMedia media) {
  std::vector<Tensor> rows;
  for (const auto& row : token_rows(input_ids, "input_ids")) rows.push_back(model.embed(row, media));
  const int64_t width = model.text_decoder()->embedding_width();
  if (model.pictures()) check_all_used(media.pictures, "pictures", model.image_token(), width);
  if (model.sounds()) check_all_used(media.sounds, "sounds", model.audio_token(), width);
  return rows;
}

std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model,
                                                 const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  const PromptMedia media{.pictures = media_embeddings(model.pictures().get(), arguments),
                          .sounds = media_embeddings(model.sounds().get(), arguments)};
  std::vector<MultimodalPrompt> prompts;
  for (auto& row : embedded_rows(model, ids, media))
    prompts.push_back({.embeddings = std::move(row), .blocks = {}});
  const auto types = arguments.find(kTokenTypes);
  if (types == arguments.end()) return prompts;
  if (types->second.dtype() != DType::int64 || types->second.shape() != ids.shape())
    misshapen(kTokenTypes, fmt::format("int64 {}", to_string(ids.shape())), types->second);
  const auto length = static_cast<size_t>(ids.dim(1));
  for (size_t i = 0; i < prompts.size(); ++i)
    prompts[i].blocks = model.blocks(types->second.values<int64_t>().subspan(i * length, length));
  return prompts;
}

}  // namespace millrace
