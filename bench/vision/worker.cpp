// Millrace's process in the comparison of image models: vision_worker MODEL WEIGHTS|file THREADS
// Speaks the protocol of compare_vision.py: a JSON object a line in, a JSON object a line out.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "backends/loaded_model.h"
#include "base/error.h"
#include "preprocess/image_processor.h"
#include "preprocess/image_reader.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;

void answer(const Json& line) { std::cout << line.dump() << std::endl; }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::optional<kernels::WeightType> weight_type(const std::string& name) {
  if (name == "file") return std::nullopt;
  for (const auto type :
       {kernels::WeightType::float32, kernels::WeightType::bfloat16, kernels::WeightType::int8})
    if (kernels::name_of(type) == name) return type;
  fail(ErrorKind::usage, "unknown weights '{}'", name);
}

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

int serve(const std::string& path, const std::string& weights, int threads) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
  const auto start = Clock::now();
  const LoadedModel model = load_model(path, {.weights = weight_type(weights)});
  answer({{"ready", true}, {"load_seconds", seconds_since(start)}});
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line);
    Json result = request.at("op") == "forward" ? forward(model, request) : classify(model, request);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    result["peak_mib"] = static_cast<double>(usage.ru_maxrss) / 1024;
    answer(result);
  }
  return 0;
}

}  // namespace
}  // namespace millrace

int main(int count, char** words) {
  if (count != 4) {
    std::fputs("vision_worker MODEL WEIGHTS|file THREADS\n", stderr);
    return 2;
  }
  try {
    return millrace::serve(words[1], words[2], std::stoi(words[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vision_worker: %s\n", error.what());
    return 70;
  }
}
