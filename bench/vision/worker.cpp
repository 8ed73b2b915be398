// Millrace's process in the comparison of image models: vision_worker MODEL WEIGHTS|file THREADS
// Answers the requests of compare_vision.py.
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <fstream>

#include "bench/protocol/model_worker.h"
#include "preprocess/image_processor.h"
#include "preprocess/image_reader.h"

namespace millrace {
namespace {

using bench::Clock;
using bench::Json;
using bench::seconds_since;

// `count` float32 values of a file, as they lie there.
Tensor read_pixels(const Json& request) {
  const Shape shape = request.at("shape").get<Shape>();
  Tensor pixels(DType::float32, shape);
  std::ifstream file(request.at("pixels").get<std::string>(), std::ios::binary);
  const auto bytes = static_cast<std::streamsize>(static_cast<size_t>(pixels.count()) * sizeof(float));
  if (!file.read(reinterpret_cast<char*>(pixels.mutable_data<float>()), bytes))
    fail(ErrorKind::input, "the pixels cannot be read");
  return pixels;
}

// The best of `repeats` runs of the same batch, and its logits.
Json forward(const LoadedModel& model, const Json& request) {
  const NamedTensors arguments = {{"pixel_values", read_pixels(request)}};
  double best = 1e9;
  NamedTensors results;
  for (int i = 0; i < request.at("repeats").get<int>(); ++i) {
    const auto start = Clock::now();
    results = model.methods->run("forward", arguments);
    best = std::min(best, seconds_since(start));
  }
  return {{"seconds", best}, {"logits", results.at("logits").values<float>()}};
}

// Files to labels, `batch` at a time.
Json classify(const LoadedModel& model, const Json& request) {
  const auto files = request.at("files").get<std::vector<std::string>>();
  const auto batch = request.at("batch").get<size_t>();
  const ImageProcessor processor(*model.image_processor);
  Json labels = Json::array();
  const auto start = Clock::now();
  for (size_t first = 0; first < files.size(); first += batch) {
    std::vector<Tensor> pixels(std::min(batch, files.size() - first));
    tbb::parallel_for(size_t{0}, pixels.size(),
                      [&](size_t i) { pixels[i] = processor(read_image(files[first + i])); });
    Shape shape = pixels[0].shape();
    shape.insert(shape.begin(), static_cast<int64_t>(pixels.size()));
    Tensor together(DType::float32, shape);
    float* to = together.mutable_data<float>();
    for (const Tensor& one : pixels) to = std::copy_n(one.data<float>(), one.count(), to);
    const Tensor logits = model.methods->run("forward", {{"pixel_values", std::move(together)}}).at("logits");
    const auto width = static_cast<size_t>(logits.dim(1));
    for (size_t i = 0; i < pixels.size(); ++i) {
      const auto row = logits.values<float>().subspan(i * width, width);
      labels.push_back(std::ranges::max_element(row) - row.begin());
    }
  }
  return {{"seconds", seconds_since(start)}, {"labels", std::move(labels)}};
}

Json answer(const LoadedModel& model, const Json& request) {
  return request.at("op") == "forward" ? forward(model, request) : classify(model, request);
}

}  // namespace
}  // namespace millrace

int main(int count, char** words) {
  using namespace millrace;
  return bench::run_model_worker(count, words, "vision_worker", answer);
}
