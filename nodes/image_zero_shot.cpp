#include "nodes/image_zero_shot.h"

#include "backends/label_embeddings.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "nodes/model_cache.h"
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
  std::vector<Ref<PixelValues>> pictures;
  for (const auto& in : batch) pictures.push_back(in.pixels);
  std::vector<Out> out;
  each_alike(pictures, [&](const Tensor& pixel_values) {
    NamedTensors embeds = model_->methods->run("image_embedding", {{"pixel_values", pixel_values}});
    embeds.emplace("text_embeds", text_embeds_);
    const auto results = model_->methods->run("similarity", embeds);
    for (auto& predictions : best_labels(results.at("logits_per_image"), labels_, top_k_))
      out.push_back({.predictions = std::move(predictions)});
  });
  return out;
}

}  // namespace millrace
