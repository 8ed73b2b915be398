#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "kernels/kernels.h"
#include "tests/kernels/every_isa.h"

namespace millrace::kernels {
namespace {

class Matmul : public EveryIsa {};
MILLRACE_EVERY_ISA(Matmul);

constexpr WeightType kTypes[] = {WeightType::float32, WeightType::bfloat16, WeightType::int8,
                                 WeightType::int4};

// The part of the sum of |a * w| that a type's rounding of the activations may cost.
double relative_error_of(WeightType type) {
  switch (type) {
    case WeightType::float32:
      return 2e-6;
    case WeightType::bfloat16:
      return 1.0 / 256;
    default:
      return 1.0 / 127;
  }
}

double activated(Activation activation, double x) {
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

struct Case {
  int64_t rows, inputs, outputs;
  size_t a_stride = 0;  // inputs, where 0
  Activation activation = Activation::none;
  bool bias = false, residual = false;
};

// Against sums in double over the weights as they were stored (unpack_row).
void check(const Case& c, WeightType type) {
  SCOPED_TRACE(testing::Message() << name_of(type) << " " << c.rows << " x " << c.inputs << " x "
                                  << c.outputs);
  const size_t a_stride = c.a_stride != 0 ? c.a_stride : static_cast<size_t>(c.inputs);
  const auto rows = static_cast<size_t>(c.rows), inputs = static_cast<size_t>(c.inputs),
             outputs = static_cast<size_t>(c.outputs);
  const std::vector<float> a = random_floats((rows - 1) * a_stride + inputs, 1);
  const std::vector<float> w = random_floats(outputs * inputs, 2);
  const std::vector<float> bias = random_floats(outputs, 3);
  const PackedMatrix packed = pack_matrix(Tensor::from<float>({c.outputs, c.inputs}, w), type);
  const size_t c_stride = outputs + 3;
  std::vector<float> out = random_floats(rows * c_stride, 4);
  const std::vector<float> before = out;
  matmul(packed, {.a = a.data(),
                  .a_stride = a_stride,
                  .rows = c.rows,
                  .bias = c.bias ? bias.data() : nullptr,
                  .activation = c.activation,
                  .residual = c.residual ? out.data() : nullptr,
                  .c = out.data(),
                  .c_stride = c_stride});
  std::vector<float> weights(outputs * inputs);
  for (size_t n = 0; n < outputs; ++n) {
    unpack_row(packed, static_cast<int64_t>(n), weights.data() + n * inputs);
    if (type == WeightType::float32) {
      ASSERT_TRUE(std::equal(w.begin() + static_cast<std::ptrdiff_t>(n * inputs),
                             w.begin() + static_cast<std::ptrdiff_t>((n + 1) * inputs),
                             weights.begin() + static_cast<std::ptrdiff_t>(n * inputs)));
    }
  }
  const size_t stride = std::max<size_t>(1, rows * outputs / 20000);  // a sample of big products
  for (size_t i = 0; i < rows * outputs; i += stride) {
    const size_t r = i / outputs, n = i % outputs;
    double sum = c.bias ? bias[n] : 0, magnitude = 1e-6 + std::fabs(sum);
    for (size_t k = 0; k < inputs; ++k) {
      const double product = static_cast<double>(a[r * a_stride + k]) * weights[n * inputs + k];
      sum += product;
      magnitude += std::fabs(product);
    }
    const double expected = activated(c.activation, sum) + (c.residual ? before[r * c_stride + n] : 0);
    ASSERT_NEAR(out[r * c_stride + n], expected, relative_error_of(type) * magnitude)
        << "row " << r << ", column " << n;
  }
  for (size_t r = 0; r < rows; ++r) {
    for (size_t n = outputs; n < c_stride; ++n) ASSERT_EQ(out[r * c_stride + n], before[r * c_stride + n]);
  }
}

TEST_P(Matmul, AnyNumberOfInputs) {
  for (const WeightType type : kTypes) {
    for (int64_t inputs = 1; inputs <= 67; ++inputs) check({.rows = 3, .inputs = inputs, .outputs = 5}, type);
  }
}

TEST_P(Matmul, AnyNumberOfOutputs) {
  for (const WeightType type : kTypes) {
    for (int64_t outputs = 1; outputs <= 131; ++outputs)
      check({.rows = 2, .inputs = 24, .outputs = outputs}, type);
  }
}

TEST_P(Matmul, AnyNumberOfRows) {
  for (const WeightType type : kTypes) {
    for (int64_t rows = 1; rows <= 40; ++rows) check({.rows = rows, .inputs = 33, .outputs = 37}, type);
  }
}

TEST_P(Matmul, LargeProducts) {
  for (const WeightType type : kTypes) {
    check({.rows = 301, .inputs = 515, .outputs = 200, .bias = true}, type);
    check({.rows = 64, .inputs = 2048, .outputs = 130, .bias = true, .residual = true}, type);
    check({.rows = 1, .inputs = 384, .outputs = 5003}, type);
    check({.rows = 5, .inputs = 384, .outputs = 5003}, type);
  }
}

TEST_P(Matmul, Epilogues) {
  for (const WeightType type : kTypes) {
    for (const Activation activation :
         {Activation::relu, Activation::gelu, Activation::gelu_tanh, Activation::silu, Activation::quick_gelu,
          Activation::relu6, Activation::sigmoid}) {
      check({.rows = 7, .inputs = 40, .outputs = 21, .activation = activation}, type);
      check(
          {.rows = 7, .inputs = 40, .outputs = 75, .activation = activation, .bias = true, .residual = true},
          type);
    }
  }
}

// A convolution with 3 taps and stride 2 over 80 channels.
TEST_P(Matmul, OverlappingRows) {
  for (const WeightType type : kTypes) {
    check({.rows = 50, .inputs = 240, .outputs = 48, .a_stride = 160, .bias = true}, type);
  }
}

TEST_P(Matmul, ResidualOfItsOwn) {
  const std::vector<float> a = random_floats(9 * 20, 1), w = random_floats(30 * 20, 2),
                           residual = random_floats(9 * 30, 3);
  const PackedMatrix packed = pack_matrix(Tensor::from<float>({30, 20}, w), WeightType::float32);
  std::vector<float> with(9 * 30), without(9 * 30);
  matmul(packed, {.a = a.data(),
                  .a_stride = 20,
                  .rows = 9,
                  .residual = residual.data(),
                  .c = with.data(),
                  .c_stride = 30});
  matmul(packed, {.a = a.data(), .a_stride = 20, .rows = 9, .c = without.data(), .c_stride = 30});
  for (size_t i = 0; i < with.size(); ++i) EXPECT_FLOAT_EQ(with[i], without[i] + residual[i]);
}

TEST_P(Matmul, NoRows) {
  const PackedMatrix packed =
      pack_matrix(Tensor::from<float>({2, 3}, random_floats(6, 1)), WeightType::float32);
  matmul(packed, {.a_stride = 3, .rows = 0, .c_stride = 2});
}

// What batched decoding rests on: a row's result is the same alone, in company, and on any number of threads.
TEST_P(Matmul, ARowDoesNotDependOnItsCompany) {
  const int64_t inputs = 515, outputs = 331, rows = 200;
  const std::vector<float> a = random_floats(rows * inputs, 1);
  for (const WeightType type : kTypes) {
    const PackedMatrix packed =
        pack_matrix(Tensor::from<float>({outputs, inputs}, random_floats(outputs * inputs, 2)), type);
    std::vector<float> all(rows * outputs);
    const auto product = [&](int64_t first, int64_t count, float* out) {
      matmul(packed, {.a = a.data() + first * inputs,
                      .a_stride = inputs,
                      .rows = count,
                      .activation = Activation::gelu,
                      .c = out,
                      .c_stride = outputs});
    };
    product(0, rows, all.data());
    for (const int threads : {1, 2, 5}) {
      tbb::task_arena arena(threads);
      for (const int64_t count : {1, 2, 3, 4, 5, 6, 7, 11, 13, 16, 17, 61}) {
        std::vector<float> some(static_cast<size_t>(count * outputs));
        const int64_t first = 19 * threads;
        arena.execute([&] { product(first, count, some.data()); });
        ASSERT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * outputs))
            << name_of(type) << ": " << count << " rows, " << threads << " threads";
      }
    }
  }
}

}  // namespace
}  // namespace millrace::kernels
