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

}  // namespace

void check_all_used(const MediaRows& media, std::string_view kind, TokenId token, std::string_view text) {
  const int64_t given = media.rows.empty() ? 0 : media.rows.count() / media.rows.shape().back();
  if (media.used != given)
    fail(ErrorKind::input, "the {} fill {} places, but {} has {} of token {}", kind, given, text, media.used,
         token);
}

std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids, PromptMedia media) {
  std::vector<Tensor> rows;
  for (const auto& row : token_rows(input_ids, "input_ids")) rows.push_back(model.embed(row, media));
  if (model.pictures()) check_all_used(media.pictures, "pictures", model.image_token(), "'input_ids'");
  if (model.sounds()) check_all_used(media.sounds, "sounds", model.audio_token(), "'input_ids'");
  return rows;
}

namespace {

// The values of an argument that may be given, of the shape of input_ids; none.
std::span<const int64_t> types_in(const NamedTensors& arguments, const char* name) {
  const auto types = arguments.find(name);
  if (types == arguments.end()) return {};
  const Shape& shape = arguments.at("input_ids").shape();
  if (types->second.dtype() != DType::int64 || types->second.shape() != shape)
    misshapen(name, fmt::format("int64 {}", to_string(shape)), types->second);
  return types->second.values<int64_t>();
}

// As the token types say, else the tokens.
bool is_picture(const MultimodalModel& model, TokenId token, std::span<const int64_t> types, size_t at) {
  if (types.empty()) return token == model.image_token();
  if (types[at] != 0 && types[at] != 1)
    fail(ErrorKind::input, "'{}' holds {}, but only text and pictures, 0 and 1, are supported", kMediaTypes,
         types[at]);
  return types[at] == 1;
}

// Padding has no place of its own.
void place_in_grid(const MultimodalModel& model, const NamedTensors& arguments,
                   std::span<const MediaExtent> extents, std::vector<MultimodalPrompt>& prompts) {
  const Tensor& ids = arguments.at("input_ids");
  const auto rows = token_rows(ids, "input_ids");
  const auto masks = given_masks(arguments, ids.dim(0), ids.dim(1));
  const auto types = types_in(arguments, kMediaTypes);
  size_t used = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto shown = [&](size_t at) { return masks.empty() || masks[i][at] != 0; };
    std::vector<bool> pictured;
    for (size_t at = 0; at < rows[i].size(); ++at)
      if (shown(at)) pictured.push_back(is_picture(model, rows[i][at], types, i * rows[i].size() + at));
    const auto places = model.positions(pictured, extents, used);
    auto next = places.begin();
    for (size_t at = 0; at < rows[i].size(); ++at)
      prompts[i].positions.push_back(shown(at) ? *next++ : GridPosition{});
  }
}

void add_deep(const MultimodalModel& model, const Tensor& input_ids, const Tensor& pictures,
              std::vector<MultimodalPrompt>& prompts) {
  int64_t used = 0;
  const auto rows = token_rows(input_ids, "input_ids");
  for (size_t i = 0; i < rows.size(); ++i) {
    prompts[i].deep = model.deep(rows[i], pictures, used);
    prompts[i].deep_layers = model.pictures()->deep_layers();
    prompts[i].media = pictures;
    used += std::ranges::count(rows[i], model.image_token());
  }
}

}  // namespace

std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model,
                                                 const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  const PromptMedia media{.pictures = media_embeddings(model.pictures().get(), arguments),
                          .sounds = media_embeddings(model.sounds().get(), arguments)};
  std::vector<MultimodalPrompt> prompts;
  for (auto& row : embedded_rows(model, ids, media))
    prompts.push_back({.embeddings = std::move(row), .blocks = {}});
  if (const Tensor& pictures = media.pictures.rows; !pictures.empty()) {
    if (model.pictures()->deep_layers() > 0) add_deep(model, ids, pictures, prompts);
    if (model.places_in_grid())
      place_in_grid(model, arguments, model.pictures()->extents(media_in(*model.pictures(), arguments)),
                    prompts);
  }
  const auto types = types_in(arguments, kTokenTypes);
  if (types.empty()) return prompts;
  const auto length = static_cast<size_t>(ids.dim(1));
  for (size_t i = 0; i < prompts.size(); ++i)
    prompts[i].blocks = model.blocks(types.subspan(i * length, length));
  return prompts;
}

}  // namespace millrace
