#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "kernels/kernels.h"
#include "tests/kernels/every_isa.h"

namespace millrace::kernels {
namespace {

class Rows : public EveryIsa {};
MILLRACE_EVERY_ISA(Rows);

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Every length about the vectors' widths, and lengths of models.
std::vector<int64_t> widths() {
  std::vector<int64_t> all(67);
  std::iota(all.begin(), all.end(), 1);
  all.insert(all.end(), {384, 511, 512, 1500, 4099});
  return all;
}

// `rows` rows that start off a vector's alignment, with guards after the end.
struct Buffer {
  Buffer(int64_t rows, int64_t width, unsigned seed, float low = -1, float high = 1)
      : values(random_floats(static_cast<size_t>(rows * width) + 9, seed, low, high)),
        guards(values.end() - 8, values.end()) {}
  float* data() { return values.data() + 1; }
  bool intact() const { return std::equal(guards.begin(), guards.end(), values.end() - 8); }
  std::vector<float> values, guards;
};

TEST_P(Rows, LayerNorm) {
  for (const int64_t width : widths()) {
    const int64_t rows = 3;
    Buffer x(rows, width, 1, 2, 5), gain(1, width, 2), bias(1, width, 3), y(rows, width, 4);
    for (const bool with_bias : {true, false}) {
      layer_norm(x.data(), rows, width, gain.data(), with_bias ? bias.data() : nullptr, 1e-5f, y.data());
      for (int64_t r = 0; r < rows; ++r) {
        const float* row = x.data() + r * width;
        const double mean = std::accumulate(row, row + width, 0.0) / static_cast<double>(width);
        double squares = 0;
        for (int64_t i = 0; i < width; ++i) squares += (row[i] - mean) * (row[i] - mean);
        const double deviation = std::sqrt(squares / static_cast<double>(width) + 1e-5);
        for (int64_t i = 0; i < width; ++i) {
          const double expected =
              (row[i] - mean) / deviation * gain.data()[i] + (with_bias ? bias.data()[i] : 0);
          // The rows' own rounding, against a deviation that may be as small as the square root of epsilon.
          ASSERT_NEAR(y.data()[r * width + i], expected, 2e-6 + 1e-6 / deviation) << width << ", value " << i;
        }
      }
    }
    ASSERT_TRUE(y.intact());
  }
}

TEST_P(Rows, RmsNorm) {
  for (const int64_t width : widths()) {
    Buffer x(2, width, 1, -3, 3), gain(1, width, 2), y(2, width, 4);
    rms_norm(x.data(), 2, width, gain.data(), 1e-6f, y.data());
    for (int64_t r = 0; r < 2; ++r) {
      double squares = 0;
      for (int64_t i = 0; i < width; ++i)
        squares += static_cast<double>(x.data()[r * width + i]) * x.data()[r * width + i];
      for (int64_t i = 0; i < width; ++i) {
        const double expected =
            x.data()[r * width + i] / std::sqrt(squares / static_cast<double>(width) + 1e-6) * gain.data()[i];
        ASSERT_NEAR(y.data()[r * width + i], expected, 2e-6) << width;
      }
    }
    ASSERT_TRUE(y.intact());
  }
}

TEST_P(Rows, Softmax) {
  for (const int64_t width : widths()) {
    Buffer x(2, width, 1, -30, 30);
    const std::vector<float> before(x.data(), x.data() + 2 * width);
    softmax(x.data(), 2, width);
    for (int64_t r = 0; r < 2; ++r) {
      const float* row = before.data() + r * width;
      const double top = *std::max_element(row, row + width);
      double sum = 0;
      for (int64_t i = 0; i < width; ++i) sum += std::exp(row[i] - top);
      for (int64_t i = 0; i < width; ++i) {
        const double expected = std::exp(row[i] - top) / sum;
        // e^d carries the rounding of d = x - top, half an ulp of it, as a relative error.
        const double relative = 1e-6 + 6e-8 * (top - row[i]);
        ASSERT_NEAR(x.data()[r * width + i], expected, relative * expected + 1e-37)
            << width << ", value " << i;
      }
    }
    ASSERT_TRUE(x.intact());
  }
}

TEST_P(Rows, SoftmaxOfInfinities) {
  for (const int64_t width : widths()) {
    std::vector<float> x(static_cast<size_t>(width), -kInfinity);
    softmax(x.data(), 1, width);
    for (const float value : x) ASSERT_EQ(value, 0);
    std::fill(x.begin(), x.end(), -kInfinity);
    x[static_cast<size_t>(width) / 2] = 3;
    softmax(x.data(), 1, width);
    for (int64_t i = 0; i < width; ++i) ASSERT_EQ(x[static_cast<size_t>(i)], i == width / 2 ? 1 : 0);
  }
}

TEST_P(Rows, LogSoftmax) {
  std::vector<int64_t> all = widths();
  all.push_back(51865);
  for (const int64_t width : all) {
    Buffer x(1, width, 1, -20, 20), y(1, width, 2);
    if (width > 1) x.data()[width / 2] = -kInfinity;
    const float* row = x.data();
    const double top = *std::max_element(row, row + width);
    double sum = 0;
    for (int64_t i = 0; i < width; ++i) sum += std::exp(row[i] - top);
    log_softmax(row, width, y.data());
    for (int64_t i = 0; i < width; ++i) {
      const double expected = row[i] - top - std::log(sum);
      if (row[i] == -kInfinity) {
        ASSERT_EQ(y.data()[i], -kInfinity);
      } else {
        // Two subtractions, half an ulp each, and the sum's own error.
        ASSERT_NEAR(y.data()[i], expected, 1.3e-7 * std::fabs(expected) + 2e-6) << width << ", value " << i;
      }
    }
    ASSERT_TRUE(y.intact());
    const std::vector<float> apart(y.data(), y.data() + width);
    log_softmax(x.data(), width, x.data());
    ASSERT_TRUE(std::equal(apart.begin(), apart.end(), x.data()));
  }
}

double expected_of(Activation activation, double x) {
  switch (activation) {
    case Activation::none:
      return x;
    case Activation::relu:
      return std::max(x, 0.0);
    case Activation::gelu:
      return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_tanh:
      return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::silu:
      return x / (1 + std::exp(-x));
    case Activation::quick_gelu:
      return x / (1 + std::exp(-1.702 * x));
    case Activation::relu6:
      return std::clamp(x, 0.0, 6.0);
    case Activation::sigmoid:
      return 1 / (1 + std::exp(-x));
  }
  return x;
}

// Over the whole range that matters, and far outside it.
TEST_P(Rows, Activations) {
  std::vector<float> x;
  for (int i = -40000; i <= 40000; ++i) x.push_back(static_cast<float>(i) * 5e-4f);
  for (const float far : {-1e4f, -100.f, -88.f, 88.f, 100.f, 1e4f, 1e-20f, -1e-20f}) x.push_back(far);
  for (const Activation activation :
       {Activation::none, Activation::relu, Activation::gelu, Activation::gelu_tanh, Activation::silu,
        Activation::quick_gelu, Activation::relu6, Activation::sigmoid}) {
    std::vector<float> y = x;
    activate(activation, y.data(), static_cast<int64_t>(y.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = expected_of(activation, x[i]);
      // The factor of x is 1/2 plus a quotient with a few roundings of half an ulp each, whatever is left of
      // it.
      const double absolute = 1.5e-7 * std::min(std::fabs(static_cast<double>(x[i])), 6.0) + 1e-37;
      ASSERT_NEAR(y[i], expected, 5e-7 * std::fabs(expected) + absolute)
          << "activation " << static_cast<int>(activation) << " of " << x[i];
    }
  }
}

TEST_P(Rows, ActivationsOfAnyLength) {
  for (const int64_t width : widths()) {
    Buffer x(1, width, 1, -4, 4);
    const std::vector<float> before(x.data(), x.data() + width);
    activate(Activation::gelu, x.data(), width);
    for (int64_t i = 0; i < width; ++i) {
      ASSERT_NEAR(x.data()[i], expected_of(Activation::gelu, before[static_cast<size_t>(i)]), 2e-6);
    }
    ASSERT_TRUE(x.intact());
  }
}

TEST_P(Rows, NotANumberStaysOne) {
  std::vector<float> x(20, std::numeric_limits<float>::quiet_NaN());
  for (const Activation activation :
       {Activation::gelu, Activation::gelu_tanh, Activation::silu, Activation::quick_gelu}) {
    std::vector<float> y = x;
    activate(activation, y.data(), 20);
    for (const float value : y) EXPECT_TRUE(std::isnan(value)) << static_cast<int>(activation);
  }
}

TEST_P(Rows, Add) {
  for (const int64_t width : widths()) {
    Buffer x(1, width, 1), y(1, width, 2);
    const std::vector<float> before(y.data(), y.data() + width);
    add(x.data(), width, y.data());
    for (int64_t i = 0; i < width; ++i) ASSERT_EQ(y.data()[i], before[static_cast<size_t>(i)] + x.data()[i]);
    ASSERT_TRUE(y.intact());
  }
}

TEST_P(Rows, ConvertRoundsToNearestEven) {
  std::vector<float> x = random_floats(1003, 1, -1e3f, 1e3f);
  for (const float special : {0.f, -0.f, kInfinity, -kInfinity, 1.00390625f, 1.01171875f, 3.4e38f, 1e-40f})
    x.push_back(special);
  for (const size_t count : {x.size(), size_t{1}, size_t{7}, size_t{16}, size_t{31}}) {
    std::vector<uint16_t> half(count);
    convert(x.data(), static_cast<int64_t>(count), DType::bfloat16, half.data());
    for (size_t i = 0; i < count; ++i) ASSERT_EQ(half[i], float_to_bfloat16(x[i])) << x[i];
    std::vector<float> same(count);
    convert(x.data(), static_cast<int64_t>(count), DType::float32, same.data());
    ASSERT_TRUE(std::equal(same.begin(), same.end(), x.begin()));
  }
  const float nan = std::numeric_limits<float>::quiet_NaN();
  uint16_t half = 0;
  convert(&nan, 1, DType::bfloat16, &half);
  EXPECT_TRUE(std::isnan(bfloat16_to_float(half)));
}

}  // namespace
}  // namespace millrace::kernels
