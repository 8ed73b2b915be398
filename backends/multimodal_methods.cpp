#include "backends/multimodal_methods.h"

#include <algorithm>

#include "backends/arguments.h"
#include "backends/causal_run.h"
#include "base/error.h"

namespace millrace {
namespace {

constexpr const char* kTypes = "token_type_ids";
using Run = NamedTensors(const MultimodalModel&, const NamedTensors&);

// What the vision encoder is given, of the arguments of another method.
NamedTensors pictures_in(const MultimodalModel& model, const NamedTensors& arguments) {
  NamedTensors pictures;
  for (const auto& name : model.pictures()->arguments())
    if (const auto given = arguments.find(name); given != arguments.end()) pictures.insert(*given);
  return pictures;
}

// Embeddings of the pictures among the arguments, empty where there are none.
Tensor picture_embeddings(const MultimodalModel& model, const NamedTensors& arguments) {
  const auto pictures = pictures_in(model, arguments);
  if (!pictures.contains("pixel_values")) {
    if (!pictures.empty())
      fail(ErrorKind::input, "there is a '{}' but no 'pixel_values'", pictures.begin()->first);
    return {};
  }
  const auto optional = model.pictures()->optional_arguments();
  for (const auto& name : model.pictures()->arguments())
    if (!pictures.contains(name) && !std::ranges::count(optional, name))
      fail(ErrorKind::input, "with 'pixel_values', '{}' is needed, too", name);
  return model.pictures()->embed(pictures);
}

// Of each row of input_ids, [T, width], with the pictures in their places.
std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids,
                                  const Tensor& pictures) {
  int64_t used = 0;
  std::vector<Tensor> rows;
  for (const auto& row : token_rows(input_ids, "input_ids")) rows.push_back(model.embed(row, pictures, used));
  if (const int64_t given = pictures.count() / model.text_decoder()->embedding_width(); used != given)
    fail(ErrorKind::input, "the pictures fill {} places, but 'input_ids' has {} of token {}", given, used,
         model.image_token());
  return rows;
}

NamedTensors vision_encoder(const MultimodalModel& model, const NamedTensors& arguments) {
  return {{"embeddings", model.pictures()->embed(arguments)}};
}

NamedTensors token_embedding(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  const int64_t width = model.text_decoder()->embedding_width();
  const auto given = arguments.find("embeddings");
  const Tensor pictures = given == arguments.end() ? Tensor() : given->second;
  if (!pictures.empty() && (pictures.dtype() != DType::float32 || pictures.shape().back() != width))
    misshapen("embeddings", fmt::format("float32 [n, {}]", width), pictures);
  const auto rows = embedded_rows(model, ids, pictures);
  Tensor embeds(DType::float32, {ids.dim(0), ids.dim(1), width});
  float* to = embeds.mutable_data<float>();
  for (const auto& row : rows) to = std::ranges::copy(row.values<float>(), to).out;
  return {{"embeds", std::move(embeds)}};
}

NamedTensors text_decoder(const MultimodalModel& model, const NamedTensors& arguments) {
  return {{"logits", logits_of_embeddings(*model.text_decoder(), arguments)}};
}

// The rows of a batch as the decoder is fed them.
struct Prompt {
  Tensor embeddings;            // [T, width]
  std::vector<int32_t> blocks;  // of each position, or none
};

std::vector<Prompt> prompts_of(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  std::vector<Prompt> prompts;
  for (auto& row : embedded_rows(model, ids, picture_embeddings(model, arguments)))
    prompts.push_back({.embeddings = std::move(row), .blocks = {}});
  const auto types = arguments.find(kTypes);
  if (types == arguments.end()) return prompts;
  if (types->second.dtype() != DType::int64 || types->second.shape() != ids.shape())
    misshapen(kTypes, fmt::format("int64 {}", to_string(ids.shape())), types->second);
  const auto length = static_cast<size_t>(ids.dim(1));
  for (size_t i = 0; i < prompts.size(); ++i)
    prompts[i].blocks = model.blocks(types->second.values<int64_t>().subspan(i * length, length));
  return prompts;
}

std::vector<DecoderFeed> feeds_of(const std::vector<Prompt>& prompts) {
  std::vector<DecoderFeed> feeds;
  for (const auto& prompt : prompts)
    feeds.push_back({.slot = 0,
                     .tokens = {},
                     .embeddings = prompt.embeddings.values<float>(),
                     .attention_mask = {},
                     .length = 0,
                     .blocks = prompt.blocks});
  return feeds;
}

NamedTensors forward(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  const auto prompts = prompts_of(model, arguments);
  return {{"logits", logits_of(*model.text_decoder(), feeds_of(prompts),
                               given_masks(arguments, ids.dim(0), ids.dim(1)), ids.dim(1))}};
}

// Without what is padding, which only makes prompts equally long.
Prompt without_padding(const Prompt& prompt, const std::vector<uint8_t>& mask) {
  const int64_t width = prompt.embeddings.dim(1);
  Prompt result;
  std::vector<float> kept;
  const float* from = prompt.embeddings.data<float>();
  for (size_t i = 0; i < mask.size(); ++i, from += width) {
    if (mask[i] == 0) continue;
    kept.insert(kept.end(), from, from + width);
    if (!prompt.blocks.empty()) result.blocks.push_back(prompt.blocks[i]);
  }
  if (kept.empty()) fail(ErrorKind::input, "'attention_mask' masks all of a row");
  result.embeddings = Tensor::from<float>({std::ssize(kept) / width, width}, kept);
  return result;
}

NamedTensors generate(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  auto prompts = prompts_of(model, arguments);
  const auto masks = given_masks(arguments, ids.dim(0), ids.dim(1));
  for (size_t i = 0; i < masks.size(); ++i) prompts[i] = without_padding(prompts[i], masks[i]);
  return {{"sequences", most_likely(*model.text_decoder(), feeds_of(prompts), requested_tokens(arguments))}};
}

std::vector<std::string> joined(std::vector<std::string> some, const std::vector<std::string>& more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

}  // namespace

std::vector<Method> multimodal_methods(std::shared_ptr<const MultimodalModel> model) {
  const auto pictures = model->pictures()->arguments();
  std::vector<std::string> optional = joined({"attention_mask"}, pictures);
  if (model->sees_jointly()) optional.emplace_back(kTypes);
  const auto whole = joined({"input_ids"}, optional);
  const auto method = [&](MethodInfo info, std::vector<std::string> may_lack, Run* run) {
    return Method{.info = std::move(info),
                  .optional = std::move(may_lack),
                  .run = [model, run](const NamedTensors& arguments) { return run(*model, arguments); }};
  };
  return {
      method({"vision_encoder", pictures, {"embeddings"}}, model->pictures()->optional_arguments(),
             vision_encoder),
      method({"token_embedding", {"input_ids", "embeddings"}, {"embeds"}}, {"embeddings"}, token_embedding),
      method({"text_decoder", {"inputs_embeds", "cache_position", "attention_mask"}, {"logits"}},
             {"cache_position", "attention_mask"}, text_decoder),
      method({"forward", whole, {"logits"}}, optional, forward),
      method({"generate", joined(whole, {"max_new_tokens"}), {"sequences"}}, optional, generate)};
}

}  // namespace millrace
