#include "nodes/image_classify.h"

#include "nodes/model_cache.h"
#include "nodes/predictions.h"

namespace millrace {

ImageClassify::ImageClassify(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)), top_k_(params.top_k) {
  if (model_->labels) return;
  if (model_->zero_shot)
    fail_at(ErrorKind::model, model_->methods->source(),
            "compares pictures with texts and has no labels of its own: say which there are, as in `millrace "
            "classify --labels \"cat, dog\"` or the pipeline zero_shot");
  fail_at(ErrorKind::model, model_->methods->source(), "has no classifier, and so no labels");
}

ImageClassify::Out ImageClassify::operator()(const In& in) const {
  return (*this)(std::span(&in, 1)).front();
}

std::vector<ImageClassify::Out> ImageClassify::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pictures;
  for (const auto& in : batch) pictures.push_back(in.pixels);
  std::vector<Out> out;
  each_alike(pictures, [&](const Tensor& pixel_values) {
    const auto results = model_->methods->run("forward", {{"pixel_values", pixel_values}});
    for (auto& predictions : best_labels(results.at("logits"), *model_->labels, top_k_))
      out.push_back({.predictions = std::move(predictions)});
  });
  return out;
}

}  // namespace millrace
