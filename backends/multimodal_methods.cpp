#include "backends/multimodal_methods.h"

#include <algorithm>

#include "backends/arguments.h"
#include "backends/causal_run.h"
#include "backends/multimodal_prompt.h"
#include "base/error.h"

namespace millrace {
namespace {

using Run = NamedTensors(const MultimodalModel&, const NamedTensors&);

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

std::vector<DecoderFeed> feeds_of(const std::vector<MultimodalPrompt>& prompts) {
  std::vector<DecoderFeed> feeds;
  for (const auto& prompt : prompts) feeds.push_back(prompt.feed());
  return feeds;
}

NamedTensors forward(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  const auto prompts = multimodal_prompts(model, arguments);
  return {{"logits", logits_of(*model.text_decoder(), feeds_of(prompts),
                               given_masks(arguments, ids.dim(0), ids.dim(1)), ids.dim(1))}};
}

NamedTensors generate(const MultimodalModel& model, const NamedTensors& arguments) {
  const Tensor& ids = arguments.at("input_ids");
  auto prompts = multimodal_prompts(model, arguments);
  const auto masks = given_masks(arguments, ids.dim(0), ids.dim(1));
  for (size_t i = 0; i < masks.size(); ++i) prompts[i] = prompts[i].without_padding(masks[i]);
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
  if (model->sees_jointly()) optional.emplace_back(kTokenTypes);
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
