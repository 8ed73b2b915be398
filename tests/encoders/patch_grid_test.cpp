#include "encoders/patch_grid.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::pair<int64_t, int64_t>> spans(const std::vector<SequenceRows>& sequences) {
  std::vector<std::pair<int64_t, int64_t>> result;
  for (const auto& one : sequences) result.emplace_back(one.first_row, one.rows);
  return result;
}

TEST(PatchOrder, KeepsSquaresTogether) {
  const PatchOrder order = patch_order({.frames = 1, .height = 4, .width = 4}, 2, 0);
  EXPECT_THAT(order.squares, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(order.places, ElementsAre(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
  EXPECT_EQ(order.positions[6], (GridPosition{0, 1, 2}));
  EXPECT_THAT(spans(order.frames), ElementsAre(std::pair(0, 16)));
  EXPECT_EQ(spans(order.windows), spans(order.frames));
}

TEST(PatchOrder, KeepsWindowsTogetherAndCutsThemAtTheEdges) {
  const PatchOrder order = patch_order({.frames = 1, .height = 3, .width = 5}, 1, 2);
  EXPECT_THAT(order.squares, ElementsAre(0, 1, 5, 6, 2, 3, 7, 8, 4, 9, 10, 11, 12, 13, 14));
  EXPECT_EQ(order.places, order.squares);
  EXPECT_THAT(spans(order.windows), ElementsAre(std::pair(0, 4), std::pair(4, 4), std::pair(8, 2),
                                                std::pair(10, 2), std::pair(12, 2), std::pair(14, 1)));
  EXPECT_THAT(spans(order.frames), ElementsAre(std::pair(0, 15)));
}

TEST(PatchOrder, SeparatesFrames) {
  const PatchOrder order = patch_order({.frames = 2, .height = 1, .width = 2}, 1, 0);
  EXPECT_THAT(order.places, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(order.positions[2], (GridPosition{0, 0, 0}));
  EXPECT_THAT(spans(order.frames), ElementsAre(std::pair(0, 2), std::pair(2, 2)));
}

std::string error_of(const Tensor& grids, int64_t patches) {
  try {
    patch_grids(grids, "image_grid_thw", 2, patches);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "";
}

Tensor grid(std::vector<int64_t> values) {
  return Tensor::from<int64_t>({std::ssize(values) / 3, 3}, values);
}

TEST(PatchGrids, AreOfWholeSquaresAndOfAllPatches) {
  EXPECT_EQ(error_of(grid({1, 4, 6, 2, 2, 2}), 32), "");
  EXPECT_THAT(error_of(grid({1, 4, 6}), 25), HasSubstr("of 24 patches or more, but there are 25"));
  EXPECT_THAT(error_of(grid({1, 4, 6, 1, 2, 2}), 20), HasSubstr("there are 20"));
  EXPECT_THAT(error_of(grid({1, 3, 8}), 24),
              HasSubstr("'image_grid_thw' holds 1 x 3 x 8; 2 x 2 patches become one"));
  EXPECT_THAT(error_of(grid({0, 4, 6}), 0), HasSubstr("0 x 4 x 6"));
  EXPECT_THAT(error_of(grid({1, -2, -2}), 4), HasSubstr("1 x -2 x -2"));
  EXPECT_THAT(error_of(grid({INT64_MAX, 2, 2}), 4), HasSubstr("patches become one"));
  EXPECT_THAT(error_of(Tensor(DType::float32, {1, 3}), 4), HasSubstr("should be int64 [n, 3]"));
}

}  // namespace
}  // namespace millrace
