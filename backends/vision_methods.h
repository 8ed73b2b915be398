#pragma once
#include <memory>
#include <optional>
#include <string>

#include "backends/method_table.h"
#include "encoders/dense_predictor.h"
#include "encoders/detection_head.h"
#include "encoders/detection_transformer.h"
#include "encoders/image_classifier.h"
#include "encoders/image_encoder.h"
#include "encoders/image_segmenter.h"
#include "encoders/vision_transformer.h"
#include "preprocess/image_processor.h"
#include "preprocess/patch_packer.h"
#include "preprocess/picture_tiler.h"

namespace millrace {

// pixel_values [B, channels, height, width] float32 -> last_hidden_state, pooler_output and cls_token_value
// where the model has them, and logits [B, labels] with a classifier.
Method image_encoder_method(std::string name, std::shared_ptr<const ImageEncoder> encoder,
                            std::optional<ImageClassifier> classifier);

// pixel_values [B, channels, height, width] float32 -> logits [B, labels, rows, columns].
Method image_segmenter_method(std::string name, std::shared_ptr<const ImageSegmenter> segmenter);

// pixel_values [B, channels, height, width] float32 -> logits [B, queries, labels + 1], pred_boxes [B,
// queries, 4] and last_hidden_state, of a transformer with detection tokens.
Method token_detector_method(std::string name, std::shared_ptr<const VisionTransformer> encoder,
                             std::shared_ptr<const DetectionHead> head);

// pixel_values [B, channels, height, width] float32 and, where there is padding, pixel_mask [B, height,
// width] of 1 and 0 -> last_hidden_state [B, queries, width], encoder_last_hidden_state, and with a head
// logits and pred_boxes.
Method query_detector_method(std::string name, std::shared_ptr<const DetectionTransformer> transformer,
                             std::shared_ptr<const DetectionHead> head);

// pixel_values [B, channels, height, width] float32 -> predicted_depth [B, rows, columns], or of a predictor
// that labels pixels logits [B, labels, rows, columns].
Method dense_predictor_method(std::string name, std::shared_ptr<const DensePredictor> predictor);

// image [H, W, 3] uint8 -> pixel_values [1, 3, height, width], and pixel_mask [1, height, width] int64 of
// processors that tell one.
Method image_processor_method(std::string name, const ImageProcessorOptions& options);

// image [H, W, 3] uint8 -> pixel_values [1, tiles, 3, height, width], and pixel_attention_mask [1, tiles,
// height, width] int64 or image_sizes [1, 2] int64; or pixel_values [tiles, 3, height, width] and num_crops
// [1] int64, as the processor tells them.
Method picture_tiler_method(std::string name, const PictureTilerOptions& options);

// What that method makes of the picture's tiles.
NamedTensors tile_arguments(const PictureTilerOptions& options, const TiledPicture& tiles,
                            const Image& image);

// image [H, W, 3] uint8 -> pixel_values [patches, …] and image_grid_thw [1, 3] int64.
Method patch_packer_method(std::string name, const PatchPackerOptions& options);
NamedTensors packed_arguments(const PackedPicture& picture);

}  // namespace millrace
