#include "decoders/speech/word_alignment.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "decoders/speech/time_warping.h"
#include "kernels/kernels.h"

namespace millrace {
namespace {

// One head's weights [positions, frames] cut to the content: each row sums to one again, then each frame has
// mean 0 and deviation 1 over the positions.
std::vector<float> normalised(const float* weights, int64_t positions, int64_t frames, int64_t content) {
  std::vector<float> cut(static_cast<size_t>(positions * content));
  std::vector<double> sum(static_cast<size_t>(content)), squares(static_cast<size_t>(content));
  for (int64_t position = 0; position < positions; ++position) {
    const float* from = weights + position * frames;
    float* to = cut.data() + position * content;
    double total = 0;
    for (int64_t frame = 0; frame < content; ++frame) total += static_cast<double>(from[frame]);
    const double scale = total > 0 ? 1 / total : 0;
    for (int64_t frame = 0; frame < content; ++frame) {
      const double value = static_cast<double>(from[frame]) * scale;
      to[frame] = static_cast<float>(value);
      sum[static_cast<size_t>(frame)] += value;
    }
  }
  const auto count = static_cast<double>(positions);
  for (double& value : sum) value /= count;  // now the mean
  for (int64_t position = 0; position < positions; ++position) {
    const float* row = cut.data() + position * content;
    for (int64_t frame = 0; frame < content; ++frame) {
      const double distance = static_cast<double>(row[frame]) - sum[static_cast<size_t>(frame)];
      squares[static_cast<size_t>(frame)] += distance * distance;
    }
  }
  for (double& value : squares) value = value > 0 ? 1 / std::sqrt(value / count) : 0;
  for (int64_t position = 0; position < positions; ++position) {
    float* row = cut.data() + position * content;
    for (int64_t frame = 0; frame < content; ++frame) {
      const auto f = static_cast<size_t>(frame);
      row[frame] = static_cast<float>((static_cast<double>(row[frame]) - sum[f]) * squares[f]);
    }
  }
  return cut;
}

}  // namespace

std::vector<float> attention_over_time(const Tensor& weights, int64_t content_frames, int64_t skip) {
  const int64_t heads = weights.dim(0), positions = weights.dim(1), frames = weights.dim(2);
  const int64_t content = std::min(content_frames, frames), kept = positions - skip - 1;
  if (kept <= 0 || content <= 0) return {};
  std::vector<std::vector<float>> filtered(static_cast<size_t>(heads));
  oneapi::tbb::parallel_for(int64_t{0}, heads, [&](int64_t head) {
    const auto rows =
        normalised(weights.data<float>() + head * positions * frames, positions, frames, content);
    auto& out = filtered[static_cast<size_t>(head)];
    out.resize(static_cast<size_t>(kept * content));
    for (int64_t row = 0; row < kept; ++row)
      median_of_seven({rows.data() + (row + skip) * content, static_cast<size_t>(content)},
                      out.data() + row * content);
  });
  std::vector<float> mean(static_cast<size_t>(kept * content));
  for (const auto& head : filtered) kernels::add(head.data(), kept * content, mean.data());
  for (float& value : mean) value /= static_cast<float>(heads);
  return mean;
}

TokenAlignment align_tokens(DecoderSession& session, const SpeechTokens& speech,
                            const AlignmentInput& input) {
  const int64_t content = std::max<int64_t>(0, input.content_samples / kSamplesPerTimestamp);
  if (input.text.empty() || content == 0) return {};
  std::vector<TokenId> tokens = input.start;
  tokens.push_back(speech.no_timestamps);
  tokens.insert(tokens.end(), input.text.begin(), input.text.end());
  tokens.push_back(speech.end_of_text);

  session.truncate(input.slot, 0);
  AlignmentRequest attention{.heads = speech.alignment_heads, .weights = {}};
  const std::array<DecoderFeed, 1> feeds = {DecoderFeed{.slot = input.slot, .tokens = tokens}};
  Tensor logits = session.step_all(feeds, &attention);
  session.truncate(input.slot, 0);

  const auto start = static_cast<int64_t>(input.start.size());
  const auto count = static_cast<int64_t>(input.text.size());
  TokenAlignment alignment;
  alignment.probabilities.resize(input.text.size());
  const int64_t vocabulary = logits.dim(1);
  float* values = logits.mutable_data<float>();
  oneapi::tbb::parallel_for(int64_t{0}, count, [&](int64_t i) {
    // The position before a token predicts it.
    float* row = values + (start + i) * vocabulary;
    kernels::log_softmax(row, speech.end_of_text, row);
    alignment.probabilities[static_cast<size_t>(i)] =
        std::exp(static_cast<double>(row[input.text[static_cast<size_t>(i)]]));
  });

  auto cost = attention_over_time(attention.weights, content, start);
  for (float& value : cost) value = -value;
  const int64_t rows = count + 1;
  const auto path = warp_time(cost, rows, static_cast<int64_t>(cost.size()) / rows);
  int previous = -1;
  for (const auto& [row, frame] : path) {
    if (row == previous) continue;
    alignment.times.push_back(frame * kSecondsPerTimestamp);
    previous = row;
  }
  return alignment;
}

}  // namespace millrace
