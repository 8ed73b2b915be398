#include "base/best_shape.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr HeightWidth kShapes[] = {{336, 672}, {672, 336}, {672, 672}, {1008, 336}, {336, 1008}};

TEST(BestShape, KeepsTheMostPixels) {
  EXPECT_EQ(best_shape({300, 900}, kShapes), 4U);
  EXPECT_EQ(best_shape({900, 300}, kShapes), 3U);
  EXPECT_EQ(best_shape({1000, 1000}, kShapes), 2U);
}

TEST(BestShape, WastesTheLeastOfWhatKeepsAll) {
  EXPECT_EQ(best_shape({100, 100}, kShapes), 0U) << "the first of the smallest";
  EXPECT_EQ(best_shape({400, 300}, kShapes), 1U);
}

}  // namespace
}  // namespace millrace
