#include "encoders/class_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

Tensor waves(int64_t labels, int64_t height, int64_t width) {
  Tensor logits(DType::float32, {labels, height, width});
  float* to = logits.mutable_data<float>();
  for (int64_t i = 0; i < logits.count(); ++i) to[i] = std::sin(static_cast<float>(i) * 0.7f) * 3;
  return logits;
}

// The definition, in double precision.
double expected_at(const Tensor& logits, int64_t label, double y, double x) {
  const int64_t height = logits.dim(1), width = logits.dim(2);
  y = std::max(y, 0.), x = std::max(x, 0.);
  const auto top = std::min(static_cast<int64_t>(y), height - 1),
             left = std::min(static_cast<int64_t>(x), width - 1);
  const int64_t bottom = std::min(top + 1, height - 1), right = std::min(left + 1, width - 1);
  const auto at = [&](int64_t i, int64_t j) {
    return static_cast<double>(logits.data<float>()[(label * height + i) * width + j]);
  };
  const double down = y - static_cast<double>(top), along = x - static_cast<double>(left);
  return (1 - down) * ((1 - along) * at(top, left) + along * at(top, right)) +
         down * ((1 - along) * at(bottom, left) + along * at(bottom, right));
}

TEST(ClassMap, LogitsAreUpsampledBilinearly) {
  const Tensor logits = waves(3, 5, 7);
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{23, 31}, {5, 7}, {3, 40}, {1, 1}}) {
    const Tensor large = upsample_logits(logits, height, width);
    ASSERT_EQ(large.shape(), (Shape{3, height, width}));
    const float* value = large.data<float>();
    for (int64_t label = 0; label < 3; ++label)
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x, ++value) {
          const double row = (static_cast<double>(y) + 0.5) * 5 / static_cast<double>(height) - 0.5;
          const double column = (static_cast<double>(x) + 0.5) * 7 / static_cast<double>(width) - 0.5;
          ASSERT_NEAR(*value, expected_at(logits, label, row, column), 2e-5);
        }
  }
}

TEST(ClassMap, HoldsTheLikeliestOfTheUpsampled) {
  const Tensor logits = waves(4, 6, 5);
  const Tensor large = upsample_logits(logits, 29, 33);
  const ClassMap map = likeliest_classes(logits, 29, 33);
  ASSERT_EQ(map.classes.size(), 29u * 33);
  for (int64_t i = 0; i < 29 * 33; ++i)
    for (int64_t label = 0; label < 4; ++label)
      EXPECT_LE(large.data<float>()[label * 29 * 33 + i],
                large.data<float>()[map.classes[static_cast<size_t>(i)] * 29 * 33 + i]);
}

TEST(ClassMap, TakesTheFirstOfEquals) {
  const ClassMap map = likeliest_classes(Tensor(DType::float32, {5, 2, 2}), 9, 4);
  EXPECT_TRUE(std::ranges::all_of(map.classes, [](uint16_t label) { return label == 0; }));
}

TEST(ClassMap, HasSharesInOrder) {
  ClassMap map(2, 4);
  map.classes = {9, 9, 9, 300, 9, 2, 300, 4};
  const auto shares = class_shares(map);
  ASSERT_EQ(shares.size(), 4u);
  EXPECT_EQ(shares[0].index, 9);
  EXPECT_DOUBLE_EQ(shares[0].share, 0.5);
  EXPECT_EQ(shares[1].index, 300);
  EXPECT_EQ(shares[2].index, 2);
  EXPECT_EQ(shares[3].index, 4);
  EXPECT_DOUBLE_EQ(shares[3].share, 0.125);
}

TEST(ClassMap, RefusesMoreLabelsThanItHolds) {
  EXPECT_NO_THROW(likeliest_classes(Tensor(DType::float32, {65536, 1, 1}), 1, 1));
  EXPECT_THROW(likeliest_classes(Tensor(DType::float32, {65537, 1, 1}), 1, 1), Error);
}

}  // namespace
}  // namespace millrace
