#include "backends/image_text_methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "backends/arguments.h"
#include "backends/vision_methods.h"
#include "base/error.h"

namespace millrace {
namespace {

using Run = std::function<NamedTensors(const NamedTensors&)>;
const std::vector<std::string> kTextArguments = {"input_ids", "attention_mask"};

NamedTensors run_text_model(const TextEncoder& encoder, const NamedTensors& arguments) {
  const auto texts = token_rows(arguments.at("input_ids"), "input_ids");
  const auto masks = given_masks(arguments, std::ssize(texts), std::ssize(texts.front()));
  TextFeatures features = encoder.encode(texts, masks);
  return {{"last_hidden_state", std::move(features.last_hidden_state)},
          {"pooler_output", std::move(features.pooler_output)}};
}

Method text_model_method(std::string name, std::shared_ptr<const TextEncoder> encoder) {
  return {.info = {std::move(name), kTextArguments, {"last_hidden_state", "pooler_output"}},
          .optional = {"attention_mask"},
          .run = [encoder = std::move(encoder)](const NamedTensors& arguments) {
            return run_text_model(*encoder, arguments);
          }};
}

// An encoder's method that gives its embeddings, too.
Method with_embeds(Method method, std::string result, std::function<Tensor(const Tensor&)> embeds) {
  method.info.results.push_back(result);
  method.run = [encode = std::move(method.run), result = std::move(result),
                embeds = std::move(embeds)](const NamedTensors& arguments) {
    NamedTensors results = encode(arguments);
    results.emplace(result, embeds(results.at("pooler_output")));
    return results;
  };
  return method;
}

// Embeddings [B, n] as an argument.
const Tensor& embeddings(const NamedTensors& arguments, const std::string& name) {
  const Tensor& given = arguments.at(name);
  if (given.dtype() != DType::float32 || given.rank() != 2 || given.empty())
    misshapen(name, "float32 [B, n]", given);
  return given;
}

std::vector<Method> comparing_methods(const std::shared_ptr<const ImageTextModel>& model) {
  const auto image_embeds = [model](const NamedTensors& arguments) {
    return of_length_one(
        model->image_embeds(model->image_encoder()->encode(arguments.at("pixel_values")).pooler_output));
  };
  const auto text_embeds = [model](const NamedTensors& arguments) {
    return of_length_one(
        model->text_embeds(run_text_model(*model->text_encoder(), arguments).at("pooler_output")));
  };
  const Run forward = [=](const NamedTensors& arguments) -> NamedTensors {
    Tensor images = image_embeds(arguments), texts = text_embeds(arguments);
    Tensor logits = model->logits_per_image(images, texts);
    return {{"logits_per_text", transposed(logits)},
            {"logits_per_image", std::move(logits)},
            {"text_embeds", std::move(texts)},
            {"image_embeds", std::move(images)}};
  };
  const Run similarity = [model](const NamedTensors& arguments) -> NamedTensors {
    const Tensor& images = embeddings(arguments, "image_embeds");
    const Tensor& texts = embeddings(arguments, "text_embeds");
    if (images.dim(1) != texts.dim(1))
      misshapen("text_embeds", fmt::format("float32 [B, {}]", images.dim(1)), texts);
    return {{"logits_per_image", model->logits_per_image(images, texts)}};
  };
  return {{.info = {"forward",
                    {"input_ids", "attention_mask", "pixel_values"},
                    {"logits_per_image", "logits_per_text", "text_embeds", "image_embeds"}},
           .optional = {"attention_mask"},
           .run = forward},
          {.info = {"image_embedding", {"pixel_values"}, {"image_embeds"}},
           .optional = {},
           .run = [=](const NamedTensors& arguments) -> NamedTensors {
             return {{"image_embeds", image_embeds(arguments)}};
           }},
          {.info = {"text_embedding", kTextArguments, {"text_embeds"}},
           .optional = {"attention_mask"},
           .run = [=](const NamedTensors& arguments) -> NamedTensors {
             return {{"text_embeds", text_embeds(arguments)}};
           }},
          {.info = {"similarity", {"image_embeds", "text_embeds"}, {"logits_per_image"}},
           .optional = {},
           .run = similarity}};
}

}  // namespace

std::vector<Method> image_text_methods(std::shared_ptr<const ImageTextModel> model,
                                       std::optional<ImageClassifier> classifier) {
  std::vector<Method> methods;
  if (model->compares()) methods = comparing_methods(model);
  const bool alone = methods.empty();
  if (const auto& encoder = model->image_encoder()) {
    methods.push_back(image_encoder_method("vision_model", encoder, std::nullopt));
    if (alone) {
      Method forward = image_encoder_method("forward", encoder, std::move(classifier));
      if (model->projects_images())
        forward = with_embeds(std::move(forward), "image_embeds",
                              [model](const Tensor& pooled) { return model->image_embeds(pooled); });
      methods.insert(methods.begin(), std::move(forward));
    }
  }
  if (const auto& encoder = model->text_encoder()) {
    methods.push_back(text_model_method("text_model", encoder));
    if (!model->image_encoder()) {
      Method forward = text_model_method("forward", encoder);
      if (model->projects_texts())
        forward = with_embeds(std::move(forward), "text_embeds",
                              [model](const Tensor& pooled) { return model->text_embeds(pooled); });
      methods.insert(methods.begin(), std::move(forward));
    }
  }
  return methods;
}

}  // namespace millrace
