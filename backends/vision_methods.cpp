#include "backends/vision_methods.h"

namespace millrace {

Method image_encoder_method(std::string name, std::shared_ptr<const ImageEncoder> encoder,
                            std::optional<ImageClassifier> classifier) {
  std::vector<std::string> results = {"last_hidden_state"};
  if (encoder->pools()) results.emplace_back("pooler_output");
  if (classifier) results.emplace_back("logits");
  return {.info = {std::move(name), {"pixel_values"}, std::move(results)},
          .optional = {},
          .run = [encoder = std::move(encoder),
                  classifier = std::move(classifier)](const NamedTensors& arguments) -> NamedTensors {
            ImageFeatures features = encoder->encode(arguments.at("pixel_values"));
            NamedTensors results;
            if (classifier) results.emplace("logits", classifier->logits(features));
            if (!features.pooler_output.empty())
              results.emplace("pooler_output", std::move(features.pooler_output));
            results.emplace("last_hidden_state", std::move(features.last_hidden_state));
            return results;
          }};
}

}  // namespace millrace
