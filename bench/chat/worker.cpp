// Millrace's process in the comparison of language models: chat_worker MODEL WEIGHTS|file THREADS
// Answers the requests of compare_chat.py.
#include <algorithm>
#include <cmath>

#include "bench/protocol/model_worker.h"

namespace millrace {
namespace {

using bench::Clock;
using bench::Json;
using bench::seconds_since;
using Tokens = std::vector<TokenId>;

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

Json answer(const LoadedModel& model, const Json& request) {
  const TextDecoder& decoder = *model.text_decoder;
  const auto tokens = request.at("tokens").get<Tokens>();
  if (request.at("op") == "generate")
    return generate(decoder, tokens, request.at("sequences"), request.at("count"));
  return {{"surprise", surprise(decoder, tokens)}};
}

}  // namespace
}  // namespace millrace

int main(int count, char** words) {
  using namespace millrace;
  return bench::run_model_worker(count, words, "chat_worker", answer);
}
