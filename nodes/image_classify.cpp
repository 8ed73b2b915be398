#include "nodes/image_classify.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/kernels.h"
#include "nodes/model_cache.h"
#include "nodes/picture_forward.h"

namespace millrace {
namespace {

std::vector<float> scores_of(std::span<const float> logits, LabelSet::Scores scores) {
  std::vector<float> result(logits.begin(), logits.end());
  const auto count = std::ssize(result);
  if (scores == LabelSet::Scores::softmax) kernels::softmax(result.data(), 1, count);
  if (scores == LabelSet::Scores::sigmoid)
    for (float& score : result) score = 1 / (1 + std::exp(-score));
  return result;
}

}  // namespace

ImageClassify::ImageClassify(const Params& params, Resources& resources)
    : model_(resources.get<ModelCache>().get(params.model)), top_k_(params.top_k) {
  if (!model_->labels || model_->labels->of != LabelSet::Of::pictures)
    fail_at(ErrorKind::model, model_->methods->source(), "has no classifier, and so no labels for pictures");
}

ImageClassify::Out ImageClassify::operator()(const In& in) const {
  return (*this)(std::span(&in, 1)).front();
}

Predictions ImageClassify::best_of(std::span<const float> logits) const {
  const auto scores = scores_of(logits, model_->labels->scores);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto count = std::min(static_cast<size_t>(top_k_), order.size());
  std::ranges::partial_sort(
      order, order.begin() + static_cast<std::ptrdiff_t>(count),
      [&](size_t a, size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  Predictions predictions;
  for (size_t i = 0; i < count; ++i)
    predictions.best.push_back({.index = static_cast<int64_t>(order[i]),
                                .label = model_->labels->names[order[i]],
                                .score = static_cast<double>(scores[order[i]])});
  return predictions;
}

std::vector<ImageClassify::Out> ImageClassify::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pixels;
  for (const In& in : batch) pixels.push_back(in.pixels);
  std::vector<Out> out;
  for (const auto& results : forward_pictures(*model_->methods, pixels))
    out.push_back({.predictions = best_of(results.at("logits").values<float>())});
  return out;
}

}  // namespace millrace
