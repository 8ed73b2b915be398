#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "backends/method_table.h"
#include "encoders/image_classifier.h"
#include "encoders/image_text_model.h"

namespace millrace {

// The methods of models of pictures and texts:
//   vision_model     pixel_values -> last_hidden_state, pooler_output
//   text_model       input_ids [B, T], attention_mask -> last_hidden_state, pooler_output
//   forward          with both: input_ids, attention_mask, pixel_values -> logits_per_image [images, texts],
//                    logits_per_text, text_embeds, image_embeds; with one of the encoders what it gives, its
//                    embeddings where it projects, and logits with a classifier
//   image_embedding  pixel_values -> image_embeds [B, n] of length 1
//   text_embedding   input_ids, attention_mask -> text_embeds [B, n] of length 1
//   similarity       image_embeds, text_embeds -> logits_per_image
// Those that the model has the weights of; the last three with both encoders.
std::vector<Method> image_text_methods(std::shared_ptr<const ImageTextModel> model,
                                       std::optional<ImageClassifier> classifier);

}  // namespace millrace
