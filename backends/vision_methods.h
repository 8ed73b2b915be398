#pragma once
#include <memory>
#include <optional>
#include <string>

#include "backends/method_table.h"
#include "encoders/image_classifier.h"
#include "encoders/image_encoder.h"
#include "encoders/image_segmenter.h"
#include "preprocess/image_processor.h"

namespace millrace {

// pixel_values [B, channels, height, width] float32 -> last_hidden_state, pooler_output and cls_token_value
// where the model has them, and logits [B, labels] with a classifier.
Method image_encoder_method(std::string name, std::shared_ptr<const ImageEncoder> encoder,
                            std::optional<ImageClassifier> classifier);

// pixel_values [B, channels, height, width] float32 -> logits [B, labels, rows, columns].
Method image_segmenter_method(std::string name, std::shared_ptr<const ImageSegmenter> segmenter);

// image [H, W, 3] uint8 -> pixel_values [1, 3, height, width], and pixel_mask [1, height, width] int64 of
// processors that tell one.
Method image_processor_method(std::string name, const ImageProcessorOptions& options);

}  // namespace millrace
