#include "nodes/image_segment.h"

#include "nodes/model_cache.h"
#include "nodes/picture_forward.h"

namespace millrace {

ImageSegment::ImageSegment(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)),
      upsample_(params.do_upsample),
      argmax_(params.do_argmax) {
  if (!model_->labels || model_->labels->of != LabelSet::Of::pixels)
    fail_at(ErrorKind::model, model_->methods->source(),
            "does not segment pictures: it has no labels for pixels");
}

ImageSegment::Out ImageSegment::operator()(const In& in) const { return (*this)(std::span(&in, 1)).front(); }

Segmentation ImageSegment::segmentation_of(const Tensor& logits, const Image& image) const {
  const int64_t height = upsample_ ? image.height : logits.dim(1);
  const int64_t width = upsample_ ? image.width : logits.dim(2);
  Segmentation result{.labels = logits.dim(0), .classes = {}, .parts = {}, .logits = {}};
  if (!argmax_) {
    result.logits = upsample_ ? upsample_logits(logits, height, width) : logits;
    return result;
  }
  result.classes = likeliest_classes(logits, height, width);
  for (const auto& [index, share] : class_shares(result.classes))
    result.parts.push_back(
        {.index = index, .label = model_->labels->names[static_cast<size_t>(index)], .share = share});
  return result;
}

std::vector<ImageSegment::Out> ImageSegment::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pixels;
  for (const In& in : batch) pixels.push_back(in.pixels);
  std::vector<Out> out;
  for (const auto& results : forward_pictures(*model_->methods, pixels))
    out.push_back({.segments = segmentation_of(results.at("logits"), *batch[out.size()].image)});
  return out;
}

}  // namespace millrace
