#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "tests/kernels/every_isa.h"
#include "tests/kernels/quantised_rows.h"

namespace millrace::kernels {
namespace {

class Grouped : public EveryIsa {};
MILLRACE_EVERY_ISA(Grouped);

TEST_P(Grouped, RowsComeOutAsTheyWere) {
  for (const WeightType type : grouped_types()) {
    SCOPED_TRACE(name_of(type));
    const RandomQuantisedRows rows(type, 70, 512, 1);
    const std::vector<float> expected = rows.values();
    const PackedMatrix packed = pack_matrix(std::vector{rows.view()});
    EXPECT_EQ(packed.type(), type);
    std::vector<float> row(512);
    for (int64_t i = 0; i < rows.outputs; ++i) {
      unpack_row(packed, i, row.data());
      ASSERT_TRUE(std::equal(row.begin(), row.end(), expected.begin() + i * 512)) << "row " << i;
    }
  }
}

// The activations are rounded to 8 bits in groups of 32, and nothing else is: products of activations that
// are whole numbers up to 127 are exact but for the order of the sums.
TEST_P(Grouped, ProductsOfWholeNumbersAreExact) {
  for (const WeightType type : grouped_types()) {
    for (const int64_t rows : {1, 2, 3, 4, 5, 16, 17, 32, 40}) {
      SCOPED_TRACE(testing::Message() << name_of(type) << ", " << rows << " rows");
      constexpr int64_t kInputs = 512, kOutputs = 131;
      const RandomQuantisedRows weights(type, kOutputs, kInputs, 2);
      const std::vector<float> w = weights.values();
      std::vector<float> a = random_floats(static_cast<size_t>(rows * kInputs), 3, -127, 127);
      for (size_t i = 0; i < a.size(); ++i)
        a[i] = i % 32 == 7 ? (i % 64 == 7 ? 127.f : -127.f) : std::round(a[i]);
      std::vector<float> out(static_cast<size_t>(rows * kOutputs));
      matmul(pack_matrix(std::vector{weights.view()}),
             {.a = a.data(), .a_stride = kInputs, .rows = rows, .c = out.data(), .c_stride = kOutputs});
      for (int64_t r = 0; r < rows; ++r) {
        for (int64_t n = 0; n < kOutputs; ++n) {
          double sum = 0, magnitude = 1e-6;
          for (int64_t k = 0; k < kInputs; ++k) {
            const double product = static_cast<double>(a[static_cast<size_t>(r * kInputs + k)]) *
                                   w[static_cast<size_t>(n * kInputs + k)];
            sum += product;
            magnitude += std::fabs(product);
          }
          // Minima multiply sums of activations: what cancels there is larger than the products.
          ASSERT_NEAR(out[static_cast<size_t>(r * kOutputs + n)], sum, 2e-6 * magnitude)
              << "row " << r << ", column " << n;
        }
      }
    }
  }
}

TEST_P(Grouped, ARowDoesNotDependOnItsCompany) {
  for (const WeightType type : grouped_types()) {
    SCOPED_TRACE(name_of(type));
    constexpr int64_t kInputs = 768, kOutputs = 200, kRows = 150;
    const RandomQuantisedRows weights(type, kOutputs, kInputs, 4);
    const PackedMatrix packed = pack_matrix(std::vector{weights.view()});
    const std::vector<float> a = random_floats(kRows * kInputs, 5);
    std::vector<float> together(kRows * kOutputs), alone(kOutputs);
    matmul(packed,
           {.a = a.data(), .a_stride = kInputs, .rows = kRows, .c = together.data(), .c_stride = kOutputs});
    for (int64_t r = 0; r < kRows; ++r) {
      matmul(packed, {.a = a.data() + r * kInputs,
                      .a_stride = kInputs,
                      .rows = 1,
                      .c = alone.data(),
                      .c_stride = kOutputs});
      ASSERT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + r * kOutputs)) << "row " << r;
    }
  }
}

TEST_P(Grouped, PartsLieBelowOneAnother) {
  const RandomQuantisedRows above(WeightType::q6_k, 33, 256, 6), below(WeightType::q6_k, 40, 256, 7);
  const PackedMatrix packed = pack_matrix(std::vector{above.view(), below.view()});
  ASSERT_EQ(packed.outputs(), 73);
  const std::vector<float> expected = below.values();
  std::vector<float> row(256);
  unpack_row(packed, 33 + 39, row.data());
  EXPECT_TRUE(std::equal(row.begin(), row.end(), expected.begin() + 39 * 256));
}

TEST(QuantisedRows, OfAnotherTypeOrSizeAreRefused) {
  const RandomQuantisedRows one(WeightType::q6_k, 2, 256, 6), other(WeightType::q4_k, 2, 256, 7);
  EXPECT_THROW(pack_matrix(std::vector{one.view(), other.view()}), Error);
  QuantisedRows wrong = one.view();
  wrong.outputs = 3;
  EXPECT_THROW(pack_matrix(std::vector{wrong}), Error);
  wrong = one.view();
  wrong.inputs = 128;
  EXPECT_THROW(pack_matrix(std::vector{wrong}), Error);
}

}  // namespace
}  // namespace millrace::kernels
