#include "nodes/image_classify.h"

#include "nodes/model_cache.h"
#include "nodes/picture_forward.h"
#include "nodes/predictions.h"

namespace millrace {

ImageClassify::ImageClassify(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)), top_k_(params.top_k) {
  if (model_->labels && model_->labels->of == LabelSet::Of::pictures) return;
  if (model_->zero_shot)
    fail_at(ErrorKind::model, model_->methods->source(),
            "compares pictures with texts and has no labels of its own: say which there are, as in `millrace "
            "classify --labels \"cat, dog\"` or the pipeline zero_shot");
  fail_at(ErrorKind::model, model_->methods->source(), "has no classifier, and so no labels for pictures");
}

ImageClassify::Out ImageClassify::operator()(const In& in) const {
  return (*this)(std::span(&in, 1)).front();
}

std::vector<ImageClassify::Out> ImageClassify::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pixels;
  for (const In& in : batch) pixels.push_back(in.pixels);
  std::vector<Out> out;
  for (const auto& results : forward_pictures(*model_->methods, pixels))
    out.push_back(
        {.predictions = best_labels(results.at("logits").values<float>(), *model_->labels, top_k_)});
  return out;
}

}  // namespace millrace
