#include "base/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;

TEST(ElementCount, IsCheckedBeforeItOverflows) {
  EXPECT_EQ(element_count(Shape{}), 1);
  EXPECT_EQ(element_count(Shape{2, 3, 4}), 24);
  EXPECT_EQ(element_count(Shape{1'000'000'000, 0, 1'000'000'000}), 0);
  EXPECT_THROW(element_count(Shape{-1}), Error);
  EXPECT_THROW(element_count(Shape{INT64_MAX}), Error);
  EXPECT_THROW(element_count(Shape{1LL << 32, 1LL << 32}), Error);
  EXPECT_EQ(to_string(Shape{2, 80, 3000}), "[2, 80, 3000]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(Tensor, BeginsAsZerosOnAnAlignedAddress) {
  for (int64_t count = 1; count < 100; ++count) {
    const Tensor tensor(DType::float32, {count});
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data<float>()) % 64, 0u);
    EXPECT_THAT(tensor.values<float>(), testing::Each(0.0f));
  }
  EXPECT_TRUE(Tensor().empty());
  EXPECT_TRUE(Tensor(DType::int64, {3, 0}).values<int64_t>().empty());
}

TEST(Tensor, SharesItsStorageWithCopies) {
  Tensor first = Tensor::from<float>({2}, std::vector<float>{1, 2});
  const Tensor second = first;
  first.mutable_data<float>()[0] = 5;
  EXPECT_THAT(second.values<float>(), ElementsAre(5, 2));
}

TEST(Tensor, AsAViewIsReadOnlyAndKeepsItsOwner) {
  auto owner = std::make_shared<std::vector<int32_t>>(std::vector<int32_t>{1, 2, 3, 4});
  const std::weak_ptr<const void> alive = owner;
  {
    Tensor view(DType::int32, {2, 2}, std::as_bytes(std::span(*owner)), owner);
    owner.reset();
    EXPECT_THAT(view.values<int32_t>(), ElementsAre(1, 2, 3, 4));
    EXPECT_THROW(view.mutable_data<int32_t>(), Error);
    const Tensor flat = view.reshaped({4});
    EXPECT_EQ(flat.shape(), Shape{4});
    EXPECT_EQ(flat.data<int32_t>(), view.data<int32_t>());
    EXPECT_THROW(view.reshaped({3}), Error);
  }
  EXPECT_TRUE(alive.expired());
  const std::array<std::byte, 3> bytes{};
  EXPECT_THROW(Tensor(DType::float32, {1}, bytes, nullptr), Error);
}

TEST(Tensor, IsNotReadAsAnotherType) {
  const Tensor tensor(DType::float16, {2});
  EXPECT_THROW(tensor.data<float>(), Error);
  EXPECT_THROW(Tensor::from<float>({3}, std::vector<float>{1, 2}), Error);
}

template <class T>
Tensor of(DType dtype, const std::vector<T>& values) {
  Tensor tensor(dtype, {static_cast<int64_t>(values.size())});
  std::memcpy(tensor.mutable_bytes(), values.data(), values.size() * sizeof(T));
  return tensor;
}

TEST(Tensor, BecomesFloat32FromEveryType) {
  EXPECT_THAT(of<uint16_t>(DType::float16, {0x3c00, 0xc000, 0x0001}).to_float32().values<float>(),
              ElementsAre(1, -2, 0x1p-24f));
  EXPECT_THAT(of<uint16_t>(DType::bfloat16, {0x3f80, 0xc000}).to_float32().values<float>(),
              ElementsAre(1, -2));
  EXPECT_THAT(of<int8_t>(DType::int8, {-128, 127}).to_float32().values<float>(), ElementsAre(-128, 127));
  EXPECT_THAT(of<uint8_t>(DType::uint8, {0, 255}).to_float32().values<float>(), ElementsAre(0, 255));
  EXPECT_THAT(of<uint8_t>(DType::boolean, {0, 1}).to_float32().values<float>(), ElementsAre(0, 1));
  EXPECT_THAT(of<int16_t>(DType::int16, {-32768}).to_float32().values<float>(), ElementsAre(-32768));
  EXPECT_THAT(of<int32_t>(DType::int32, {1 << 30}).to_float32().values<float>(), ElementsAre(0x1p30f));
  EXPECT_THAT(of<int64_t>(DType::int64, {-(1LL << 40)}).to_float32().values<float>(), ElementsAre(-0x1p40f));
  const Tensor same = Tensor::from<float>({1}, std::vector<float>{1});
  EXPECT_EQ(same.to_float32().data<float>(), same.data<float>());
}

// The value of a float16 by the definition of IEEE 754.
float by_definition(uint16_t bits) {
  const int exponent = bits >> 10 & 31, mantissa = bits & 1023;
  const float sign = (bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 31) return mantissa == 0 ? sign * INFINITY : NAN;
  return exponent == 0 ? sign * std::ldexp(static_cast<float>(mantissa), -24)
                       : sign * std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
}

TEST(Float16, IsRightForEveryBitPattern) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float is = float16_to_float(static_cast<uint16_t>(bits)),
                should = by_definition(static_cast<uint16_t>(bits));
    if (std::isnan(should)) {
      EXPECT_TRUE(std::isnan(is)) << bits;
    } else {
      EXPECT_EQ(std::bit_cast<uint32_t>(is), std::bit_cast<uint32_t>(should)) << bits;
    }
  }
}

TEST(Bfloat16, ComesBackAndRoundsToEven) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float value = bfloat16_to_float(static_cast<uint16_t>(bits));
    if (std::isnan(value)) continue;
    EXPECT_EQ(float_to_bfloat16(value), bits);
  }
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f808000u)), 0x3f80);  // half way: to the even one below
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f818000u)), 0x3f82);  // half way: to the even one above
  EXPECT_EQ(float_to_bfloat16(std::bit_cast<float>(0x3f808001u)), 0x3f81);
  EXPECT_EQ(float_to_bfloat16(std::numeric_limits<float>::max()), 0x7f80);  // rounds up to infinity
  EXPECT_TRUE(std::isnan(bfloat16_to_float(float_to_bfloat16(std::bit_cast<float>(0x7f800001u)))));
}

}  // namespace
}  // namespace millrace
