#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "models/layers/block_attention.h"
#include "models/layers/gated_convolution.h"
#include "tests/models/memory_checkpoint.h"

namespace millrace {
namespace {

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// One value of a tensor of up to three dimensions.
float at(const Tensor& tensor, int64_t i, int64_t j = 0, int64_t k = 0) {
  const Shape& shape = tensor.shape();
  const int64_t second = shape.size() > 1 ? shape[1] : 1, third = shape.size() > 2 ? shape[2] : 1;
  return tensor.data<float>()[(i * second + j) * third + k];
}

struct Convolution {
  static constexpr int64_t kWidth = 3, kChannels = 5;
  explicit Convolution(int64_t kernel) : kernel(kernel) {
    checkpoint.add_random("c.norm.weight", {kWidth}, 1);
    checkpoint.add_random("c.norm.bias", {kWidth});
    checkpoint.add_random("c.up.weight", {2 * kChannels, kWidth, 1});
    checkpoint.add_random("c.up.bias", {2 * kChannels});
    checkpoint.add_random("c.filter.weight", {kChannels, 1, kernel});
    checkpoint.add_random("c.batch_norm.running_mean", {kChannels});
    checkpoint.add_random("c.batch_norm.running_var", {kChannels}, 3);
    checkpoint.add_random("c.batch_norm.weight", {kChannels}, 1);
    checkpoint.add_random("c.batch_norm.bias", {kChannels});
    checkpoint.add_random("c.down.weight", {kWidth, kChannels, 1});
    checkpoint.add_random("c.down.bias", {kWidth});
  }
  Tensor weight(const std::string& name) const { return checkpoint.get("c." + name); }

  std::vector<float> normed(const float* row) const {
    float mean = 0, variance = 0;
    for (int64_t i = 0; i < kWidth; ++i) mean += row[i] / kWidth;
    for (int64_t i = 0; i < kWidth; ++i) variance += (row[i] - mean) * (row[i] - mean) / kWidth;
    std::vector<float> result;
    for (int64_t i = 0; i < kWidth; ++i)
      result.push_back((row[i] - mean) / std::sqrt(variance + 1e-5f) * at(weight("norm.weight"), i) +
                       at(weight("norm.bias"), i));
    return result;
  }
  float up(const std::vector<float>& row, int64_t output) const {
    float sum = at(weight("up.bias"), output);
    for (int64_t i = 0; i < kWidth; ++i)
      sum += at(weight("up.weight"), output, i) * row[static_cast<size_t>(i)];
    return sum;
  }
  float gated(const Tensor& x, int64_t row, int64_t channel) const {
    if (row < 0 || row >= x.dim(0)) return 0;
    const auto values = normed(x.data<float>() + row * kWidth);
    return up(values, channel) * sigmoid(up(values, kChannels + channel));
  }
  float filtered(const Tensor& x, int64_t row, int64_t channel) const {
    float sum = 0;
    for (int64_t i = 0; i < kernel; ++i)
      sum += at(weight("filter.weight"), channel, 0, i) * gated(x, row + i - kernel / 2, channel);
    const float value = (sum - at(weight("batch_norm.running_mean"), channel)) /
                            std::sqrt(at(weight("batch_norm.running_var"), channel) + 1e-5f) *
                            at(weight("batch_norm.weight"), channel) +
                        at(weight("batch_norm.bias"), channel);
    return value * sigmoid(value);
  }
  float expected(const Tensor& x, int64_t row, int64_t output) const {
    float sum = at(x, row, output) + at(weight("down.bias"), output);
    for (int64_t channel = 0; channel < kChannels; ++channel)
      sum += at(weight("down.weight"), output, channel) * filtered(x, row, channel);
    return sum;
  }

  int64_t kernel;
  MemoryCheckpoint checkpoint;
};

TEST(GatedConvolution, IsNormGateFilterAndNorm) {
  for (const int64_t kernel : {1, 2, 4, 5, 9}) {
    Convolution one(kernel);
    const GatedConvolution layer(scope_of(one.checkpoint, "c"), Convolution::kWidth, {});
    // Two sequences of seven rows, neither of which sees the other.
    const Tensor first = one.checkpoint.add_random("x", {7, Convolution::kWidth});
    const Tensor second = one.checkpoint.add_random("y", {7, Convolution::kWidth});
    Tensor both(DType::float32, {14, Convolution::kWidth});
    std::ranges::copy(second.values<float>(),
                      std::ranges::copy(first.values<float>(), both.mutable_data<float>()).out);
    Workspace workspace;
    layer.forward(rows_of(both), 7, rows_of(both), workspace);
    for (int64_t row = 0; row < 14; ++row)
      for (int64_t i = 0; i < Convolution::kWidth; ++i)
        EXPECT_NEAR(at(both, row, i), one.expected(row < 7 ? first : second, row % 7, i), 2e-5)
            << kernel << " at " << row << ", " << i;
  }
}

TEST(GatedConvolution, RefusesFiltersOfOtherShapes) {
  Convolution one(3);
  one.checkpoint.add_random("c.filter.weight", {4, 1, 3});
  EXPECT_THROW(GatedConvolution(scope_of(one.checkpoint, "c"), Convolution::kWidth, {}), Error);
}

// Two heads of three over rows five wide.
AttentionOptions attention() {
  AttentionOptions options;
  options.width = 5;
  options.heads = options.kv_heads = 2;
  options.head_dim = 3;
  options.scale = 0.7f;
  return options;
}

struct Attention {
  Attention() {
    checkpoint.add_random("a.query.weight", {6, 5});
    checkpoint.add_random("a.key_value.weight", {12, 5});
    checkpoint.add_random("a.output.weight", {5, 6});
    checkpoint.add_random("a.output.bias", {5});
    checkpoint.add_random("a.distances.weight", {11, 3});
  }
  float product(const std::string& name, int64_t output, const float* row) const {
    float sum = 0;
    for (int64_t i = 0; i < 5; ++i) sum += at(checkpoint.get("a." + name + ".weight"), output, i) * row[i];
    return sum;
  }
  // What head `head` of row `query` mixes of the rows [first, last).
  std::vector<float> mixed(const Tensor& x, int64_t head, int64_t query, int64_t first, int64_t last) const {
    const float* asking = x.data<float>() + query * 5;
    std::vector<float> scores, result(3, 0);
    float total = 0;
    for (int64_t key = first; key < last; ++key) {
      float score = 0;
      for (int64_t i = 0; i < 3; ++i)
        score += product("query", head * 3 + i, asking) *
                 (product("key_value", head * 3 + i, x.data<float>() + key * 5) +
                  at(checkpoint.get("a.distances.weight"), 5 + query - key, i));
      scores.push_back(std::exp(score * attention().scale));
      total += scores.back();
    }
    for (int64_t key = first; key < last; ++key)
      for (int64_t i = 0; i < 3; ++i)
        result[static_cast<size_t>(i)] += scores[static_cast<size_t>(key - first)] / total *
                                          product("key_value", 6 + head * 3 + i, x.data<float>() + key * 5);
    return result;
  }
  MemoryCheckpoint checkpoint;
};

TEST(BlockAttention, SeesItsBlockWithDistances) {
  Attention one;
  const Tensor x = one.checkpoint.add_random("x", {7, 5});
  const BlockAttention layer(scope_of(one.checkpoint, "a"), attention(), 4);
  Tensor in = Tensor::from<float>({7, 5}, x.values<float>()), out(DType::float32, {7, 5});
  Workspace workspace;
  layer.forward(rows_of(in), 7, rows_of(out), workspace);
  for (int64_t row = 0; row < 7; ++row) {
    const int64_t first = row / 4 * 4, last = std::min<int64_t>(7, first + 4);
    for (int64_t output = 0; output < 5; ++output) {
      float expected = at(one.checkpoint.get("a.output.bias"), output);
      for (int64_t head = 0; head < 2; ++head) {
        const auto mixed = one.mixed(x, head, row, first, last);
        for (int64_t i = 0; i < 3; ++i)
          expected +=
              at(one.checkpoint.get("a.output.weight"), output, head * 3 + i) * mixed[static_cast<size_t>(i)];
      }
      EXPECT_NEAR(at(out, row, output), expected, 1e-5) << row << ", " << output;
    }
  }
}

TEST(BlockAttention, NeedsDistancesOfWholeBlocks) {
  Attention one;
  EXPECT_NO_THROW(BlockAttention(scope_of(one.checkpoint, "a"), attention(), 6));
  EXPECT_THROW(BlockAttention(scope_of(one.checkpoint, "a"), attention(), 7), Error);
}

}  // namespace
}  // namespace millrace
