// Millrace's process in the comparison of language models: chat_worker MODEL WEIGHTS|file THREADS
// Speaks the protocol of compare_chat.py: a JSON object a line in, a JSON object a line out.
#include <oneapi/tbb/global_control.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "backends/loaded_model.h"

namespace millrace {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using Tokens = std::vector<TokenId>;

void answer(const Json& line) { std::cout << line.dump() << std::endl; }

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::optional<kernels::WeightType> weight_type(const std::string& name) {
  if (name == "file") return std::nullopt;
  for (const auto type : {kernels::WeightType::float32, kernels::WeightType::bfloat16,
                          kernels::WeightType::int8, kernels::WeightType::int4})
    if (kernels::name_of(type) == name) return type;
  fail(ErrorKind::usage, "unknown weights '{}'", name);
}

Tokens best_of_rows(const Tensor& logits) {
  Tokens best;
  const auto width = static_cast<size_t>(logits.shape().back());
  for (int64_t i = 0; i < logits.dim(0); ++i) {
    const auto row = logits.values<float>().subspan(static_cast<size_t>(i) * width, width);
    best.push_back(static_cast<TokenId>(std::ranges::max_element(row) - row.begin()));
  }
  return best;
}

// Reads the prompt in each of `sequences` and writes `count` tokens after it, the most likely ones.
Json generate(const TextDecoder& decoder, const Tokens& prompt, int sequences, int count) {
  const auto session = decoder.begin(sequences, static_cast<int64_t>(prompt.size()) + count + 1);
  const auto begin = Clock::now();
  std::vector<DecoderFeed> feeds;
  for (int i = 0; i < sequences; ++i) feeds.push_back({.slot = i, .tokens = prompt});
  Tokens last = best_of_rows(session->step(feeds));
  const double read = seconds_since(begin);
  Json written = Json::array({last[0]});
  const auto middle = Clock::now();
  for (int n = 1; n < count; ++n) {
    for (size_t i = 0; i < feeds.size(); ++i) feeds[i].tokens = std::span(last).subspan(i, 1);
    last = best_of_rows(session->step(feeds));
    written.push_back(last[0]);
  }
  return {{"read_seconds", read}, {"write_seconds", seconds_since(middle)}, {"tokens", written}};
}

// The mean of -log p of each token after the first.
double surprise(const TextDecoder& decoder, const Tokens& tokens) {
  const auto session = decoder.begin(1, static_cast<int64_t>(tokens.size()));
  const std::vector<DecoderFeed> feeds = {{.slot = 0, .tokens = tokens}};
  Tensor logits = session->step_all(feeds);
  const int64_t width = decoder.vocabulary();
  double sum = 0;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    float* row = logits.mutable_data<float>() + static_cast<int64_t>(i) * width;
    kernels::log_softmax(row, width, row);
    sum -= static_cast<double>(row[tokens[i + 1]]);
  }
  return sum / static_cast<double>(tokens.size() - 1);
}

int serve(const std::string& path, const std::string& weights, int threads) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
  const auto start = Clock::now();
  const LoadedModel model = load_model(path, {.weights = weight_type(weights)});
  answer({{"ready", true}, {"load_seconds", seconds_since(start)}});
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line);
    const auto tokens = request.at("tokens").get<Tokens>();
    Json result;
    if (request.at("op") == "generate")
      result = generate(*model.text_decoder, tokens, request.at("sequences"), request.at("count"));
    else
      result = {{"surprise", surprise(*model.text_decoder, tokens)}};
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
    std::fputs("chat_worker MODEL WEIGHTS|file THREADS\n", stderr);
    return 2;
  }
  try {
    return millrace::serve(words[1], words[2], std::stoi(words[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chat_worker: %s\n", error.what());
    return 70;
  }
}
