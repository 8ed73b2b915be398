#include "nodes/image_detect.h"

#include <algorithm>

#include "nodes/model_cache.h"
#include "nodes/picture_forward.h"

namespace millrace {

ImageDetect::ImageDetect(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)),
      threshold_(static_cast<float>(params.threshold)) {
  if (!model_->labels || model_->labels->of != LabelSet::Of::boxes)
    fail_at(ErrorKind::model, model_->methods->source(),
            "does not detect objects: it has no labels for boxes");
}

ImageDetect::Out ImageDetect::operator()(const In& in) const { return (*this)(std::span(&in, 1)).front(); }

Detections ImageDetect::detections_of(const NamedTensors& results, const Image& image) const {
  const auto batch_of_one = [&](const char* name) {
    const Tensor& tensor = results.at(name);
    return tensor.reshaped({1, tensor.dim(0), tensor.dim(1)});
  };
  Detections detections;
  for (const DetectedBox& box : detected_boxes(batch_of_one("logits"), batch_of_one("pred_boxes"), 0,
                                               image.height, image.width, threshold_))
    detections.objects.push_back(
        {.label = model_->labels->names.at(static_cast<size_t>(box.label)), .box = box});
  std::ranges::stable_sort(detections.objects,
                           [](const auto& a, const auto& b) { return a.box.score > b.box.score; });
  return detections;
}

std::vector<ImageDetect::Out> ImageDetect::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pixels;
  for (const In& in : batch) pixels.push_back(in.pixels);
  std::vector<Out> out;
  for (const auto& results : forward_pictures(*model_->methods, pixels))
    out.push_back({.objects = detections_of(results, *batch[out.size()].image)});
  return out;
}

}  // namespace millrace
