#include "nodes/image_zero_shot.h"

#include "backends/label_embeddings.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "nodes/model_cache.h"
#include "nodes/picture_forward.h"
#include "nodes/predictions.h"

namespace millrace {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  const std::string text = read_text(path, ErrorKind::io, limits::kTokenizerBytes);
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) lines.push_back(std::move(line));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> labels_of(const ImageZeroShot::Params& params) {
  auto labels = params.labels;
  if (!params.labels_file.empty())
    for (auto& line : lines_of(params.labels_file)) labels.push_back(std::move(line));
  std::erase(labels, "");
  if (labels.empty()) fail(ErrorKind::pipeline, "there are no labels to choose from; 'labels' gives them");
  return labels;
}

}  // namespace

ImageZeroShot::ImageZeroShot(const Params& params, Resources& resources)
    : labels_{.names = labels_of(params)}, top_k_(params.top_k) {
  model_ = resources.get<ModelCache>().get(params.model);
  text_embeds_ = embed_labels(*model_, labels_.names, params.prompt);
  labels_.scores = model_->zero_shot->scores;
}

ImageZeroShot::Out ImageZeroShot::operator()(const In& in) const {
  return (*this)(std::span(&in, 1)).front();
}

std::vector<ImageZeroShot::Out> ImageZeroShot::operator()(std::span<const In> batch) const {
  std::vector<Ref<PixelValues>> pixels;
  for (const auto& in : batch) pixels.push_back(in.pixels);
  std::vector<Out> out;
  for (const auto& results : forward_pictures(*model_->methods, pixels, "image_embedding")) {
    const Tensor& embeds = results.at("image_embeds");
    const auto compared = model_->methods->run(
        "similarity",
        {{"image_embeds", embeds.reshaped({1, embeds.count()})}, {"text_embeds", text_embeds_}});
    out.push_back(
        {.predictions = best_labels(compared.at("logits_per_image").values<float>(), labels_, top_k_)});
  }
  return out;
}

}  // namespace millrace
