#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "kernels/kernels.h"
#include "tests/kernels/every_isa.h"

namespace millrace::kernels {
namespace {

class PackMatrix : public EveryIsa {};
MILLRACE_EVERY_ISA(PackMatrix);

// Values that float16 and bfloat16 hold exactly, so that every source type means the same matrix.
Tensor matrix_of(DType dtype, int64_t outputs, int64_t inputs) {
  Tensor tensor(dtype, {outputs, inputs});
  for (int64_t i = 0; i < tensor.count(); ++i) {
    const float value = static_cast<float>((i * 37 + i / 91) % 255 - 127) / 64;
    if (dtype == DType::float32) {
      tensor.mutable_data<float>()[i] = value;
    } else if (dtype == DType::bfloat16) {
      const uint16_t bits = float_to_bfloat16(value);
      std::memcpy(tensor.mutable_bytes() + i * 2, &bits, 2);
    } else {  // float16: the exponent's bias and the mantissa's length differ
      uint32_t bits;
      std::memcpy(&bits, &value, 4);
      const auto half = static_cast<uint16_t>(
          value == 0 ? 0 : (bits >> 16 & 0x8000) | ((bits & 0x7fffffff) - 0x38000000) >> 13);
      std::memcpy(tensor.mutable_bytes() + i * 2, &half, 2);
    }
  }
  return tensor;
}

TEST_P(PackMatrix, EverySourceTypeGivesTheSameRows) {
  for (const auto& [outputs, inputs] :
       {std::pair{1, 1}, {5, 7}, {16, 64}, {63, 255}, {65, 257}, {130, 600}}) {
    const Tensor exact = matrix_of(DType::float32, outputs, inputs);
    for (const DType source : {DType::float32, DType::float16, DType::bfloat16}) {
      const Tensor weights = matrix_of(source, outputs, inputs);
      for (const WeightType type :
           {WeightType::float32, WeightType::bfloat16, WeightType::int8, WeightType::int4}) {
        const PackedMatrix packed = pack_matrix(weights, type);
        ASSERT_EQ(packed.outputs(), outputs);
        ASSERT_EQ(packed.inputs(), inputs);
        ASSERT_EQ(packed.type(), type);
        std::vector<float> row(static_cast<size_t>(inputs));
        for (int64_t n = 0; n < outputs; ++n) {
          unpack_row(packed, n, row.data());
          const float* expected = exact.data<float>() + n * inputs;
          for (int64_t k = 0; k < inputs; ++k) {
            // The largest magnitude is 127/64: int8's step is 1/64, int4's at most 127/512.
            const float error = type == WeightType::int8 ? 1.f / 127 : type == WeightType::int4 ? 0.25f : 0;
            ASSERT_NEAR(row[static_cast<size_t>(k)], expected[k], error)
                << name_of(source) << " to " << name_of(type) << ", " << outputs << " x " << inputs << " at "
                << n << ", " << k;
          }
        }
      }
    }
  }
}

TEST_P(PackMatrix, HoldsNoMoreThanItsTypeNeeds) {
  const Tensor weights = matrix_of(DType::float32, 640, 512);
  const size_t values = 640 * 512;
  EXPECT_EQ(pack_matrix(weights, WeightType::float32).bytes(), values * 4);
  EXPECT_EQ(pack_matrix(weights, WeightType::bfloat16).bytes(), values * 2);
  EXPECT_EQ(pack_matrix(weights, WeightType::int8).bytes(), values + 640 * 8);
  EXPECT_EQ(pack_matrix(weights, WeightType::int4).bytes(), values / 32 * 18);
}

TEST_P(PackMatrix, IntegersAreFloats) {
  const int32_t values[] = {1, -2, 3, 4, 5, 6};
  const PackedMatrix packed = pack_matrix(Tensor::from<int32_t>({2, 3}, values), WeightType::float32);
  float row[3];
  unpack_row(packed, 1, row);
  EXPECT_EQ(row[0], 4);
  EXPECT_EQ(row[2], 6);
}

TEST_P(PackMatrix, ConstantsAndZerosAreExact) {
  for (const float value : {0.f, 0.5f, -3.f}) {
    Tensor weights(DType::float32, {3, 40});
    std::fill_n(weights.mutable_data<float>(), 120, value);
    for (const WeightType type :
         {WeightType::float32, WeightType::bfloat16, WeightType::int8, WeightType::int4}) {
      std::vector<float> row(40);
      unpack_row(pack_matrix(weights, type), 2, row.data());
      for (const float x : row) EXPECT_NEAR(x, value, 1e-6) << name_of(type);
    }
  }
}

TEST(PackMatrixShape, MustBeAMatrix) {
  try {
    pack_matrix(Tensor(DType::float32, {2, 3, 4}), WeightType::float32);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
    EXPECT_NE(error.message().find("[2, 3, 4]"), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace::kernels
