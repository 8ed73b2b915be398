#include "backends/vision_methods.h"

#include <algorithm>
#include <array>

#include "backends/arguments.h"

namespace millrace {
namespace {

Image image_in(const NamedTensors& arguments) {
  const Tensor& given = arguments.at("image");
  if (given.dtype() != DType::uint8 || given.rank() != 3 || given.dim(2) != Image::kChannels || given.empty())
    misshapen("image", "uint8 [H, W, 3]", given);
  Image image(given.dim(0), given.dim(1));
  std::ranges::copy(given.values<uint8_t>(), image.pixels.begin());
  return image;
}

}  // namespace

Method image_encoder_method(std::string name, std::shared_ptr<const ImageEncoder> encoder,
                            std::optional<ImageClassifier> classifier) {
  std::vector<std::string> results = {"last_hidden_state"};
  if (encoder->pools()) results.emplace_back("pooler_output");
  if (encoder->tells_class_token()) results.emplace_back("cls_token_value");
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
            if (!features.cls_token_value.empty())
              results.emplace("cls_token_value", std::move(features.cls_token_value));
            results.emplace("last_hidden_state", std::move(features.last_hidden_state));
            return results;
          }};
}

Method image_segmenter_method(std::string name, std::shared_ptr<const ImageSegmenter> segmenter) {
  return {.info = {std::move(name), {"pixel_values"}, {"logits"}},
          .optional = {},
          .run = [segmenter = std::move(segmenter)](const NamedTensors& arguments) -> NamedTensors {
            return {{"logits", segmenter->segment(arguments.at("pixel_values"))}};
          }};
}

Method token_detector_method(std::string name, std::shared_ptr<const VisionTransformer> encoder,
                             std::shared_ptr<const DetectionHead> head) {
  return {.info = {std::move(name), {"pixel_values"}, {"logits", "pred_boxes", "last_hidden_state"}},
          .optional = {},
          .run = [encoder = std::move(encoder),
                  head = std::move(head)](const NamedTensors& arguments) -> NamedTensors {
            const Tensor states = encoder->encode(arguments.at("pixel_values")).last_hidden_state;
            auto found = head->detect(states, encoder->detection_tokens());
            return {{"logits", std::move(found.logits)},
                    {"pred_boxes", std::move(found.pred_boxes)},
                    {"last_hidden_state", states}};
          }};
}

Method query_detector_method(std::string name, std::shared_ptr<const DetectionTransformer> transformer,
                             std::shared_ptr<const DetectionHead> head) {
  std::vector<std::string> results = {"last_hidden_state", "encoder_last_hidden_state"};
  if (head) results.insert(results.begin(), {"logits", "pred_boxes"});
  return {.info = {std::move(name), {"pixel_values", "pixel_mask"}, std::move(results)},
          .optional = {"pixel_mask"},
          .run = [transformer = std::move(transformer),
                  head = std::move(head)](const NamedTensors& arguments) -> NamedTensors {
            const auto mask = arguments.find("pixel_mask");
            auto states = transformer->encode(arguments.at("pixel_values"),
                                              mask == arguments.end() ? nullptr : &mask->second);
            NamedTensors results;
            if (head) {
              auto found = head->detect(states.last_hidden_state, transformer->queries());
              results.emplace("logits", std::move(found.logits));
              results.emplace("pred_boxes", std::move(found.pred_boxes));
            }
            results.emplace("last_hidden_state", std::move(states.last_hidden_state));
            results.emplace("encoder_last_hidden_state", std::move(states.encoder_last_hidden_state));
            return results;
          }};
}

Method dense_predictor_method(std::string name, std::shared_ptr<const DensePredictor> predictor) {
  const std::string result = predictor->labels_pixels() ? "logits" : "predicted_depth";
  return {.info = {std::move(name), {"pixel_values"}, {result}},
          .optional = {},
          .run = [predictor = std::move(predictor), result](const NamedTensors& arguments) -> NamedTensors {
            return {{result, predictor->predict(arguments.at("pixel_values"))}};
          }};
}

Method image_processor_method(std::string name, const ImageProcessorOptions& options) {
  std::vector<std::string> results = {"pixel_values"};
  if (options.mask) results.emplace_back("pixel_mask");
  return {
      .info = {std::move(name), {"image"}, std::move(results)},
      .optional = {},
      .run = [processor = ImageProcessor(options)](const NamedTensors& arguments) -> NamedTensors {
        const Image image = image_in(arguments);
        const Tensor values = processor(image);
        NamedTensors results;
        results.emplace("pixel_values", values.reshaped({1, values.dim(0), values.dim(1), values.dim(2)}));
        if (const auto mask = processor.pixel_mask(image))
          results.emplace("pixel_mask", mask->reshaped({1, mask->dim(0), mask->dim(1)}));
        return results;
      }};
}

NamedTensors tile_arguments(const PictureTilerOptions& options, const TiledPicture& tiles,
                            const Image& image) {
  using Way = PictureTilerOptions::Way;
  if (options.way == Way::strip) {
    const std::array parts = {tiles.pixel_values.dim(0) - 1};
    return {{"pixel_values", tiles.pixel_values}, {"num_crops", Tensor::from<int64_t>({1}, parts)}};
  }
  if (options.way == Way::canvas) {
    const std::array parts = {tiles.pixel_values.dim(0)};
    return {{"pixel_values", tiles.pixel_values}, {"num_patches", Tensor::from<int64_t>({1}, parts)}};
  }
  Shape shape = tiles.pixel_values.shape();
  shape.insert(shape.begin(), 1);
  NamedTensors results;
  if (options.way == Way::shapes) {
    const std::array size = {image.height, image.width};
    results.emplace("image_sizes", Tensor::from<int64_t>({1, 2}, size));
    if (options.tells_number)
      results.emplace("batch_num_images", Tensor::from<int64_t>({1}, std::array<int64_t, 1>{1}));
  } else if (options.mask) {
    Tensor mask(DType::int64, {1, shape[1], shape[3], shape[4]});
    std::fill_n(mask.mutable_data<int64_t>(), mask.count(), 1);
    results.emplace("pixel_attention_mask", std::move(mask));
  }
  results.emplace("pixel_values", tiles.pixel_values.reshaped(std::move(shape)));
  return results;
}

Method picture_tiler_method(std::string name, const PictureTilerOptions& options) {
  std::vector<std::string> results = {"pixel_values"};
  if (options.way == PictureTilerOptions::Way::strip)
    results.emplace_back("num_crops");
  else if (options.way == PictureTilerOptions::Way::canvas)
    results.emplace_back("num_patches");
  else if (options.way == PictureTilerOptions::Way::shapes)
    results.emplace_back("image_sizes");
  else if (options.mask)
    results.emplace_back("pixel_attention_mask");
  if (options.tells_number) results.emplace_back("batch_num_images");
  return {.info = {std::move(name), {"image"}, std::move(results)},
          .optional = {},
          .run = [tiler = PictureTiler(options)](const NamedTensors& arguments) {
            const Image image = image_in(arguments);
            return tile_arguments(tiler.options(), tiler(image), image);
          }};
}

NamedTensors packed_arguments(const PackedPicture& picture) {
  return {{"pixel_values", picture.pixel_values},
          {"image_grid_thw", Tensor::from<int64_t>({1, 3}, picture.grid)}};
}

Method patch_packer_method(std::string name, const PatchPackerOptions& options) {
  return {.info = {std::move(name), {"image"}, {"pixel_values", "image_grid_thw"}},
          .optional = {},
          .run = [packer = PatchPacker(options)](const NamedTensors& arguments) {
            return packed_arguments(packer(image_in(arguments)));
          }};
}

}  // namespace millrace
