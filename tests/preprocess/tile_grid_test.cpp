#include "preprocess/tile_grid.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr HeightWidth kTile = {10, 10};

TEST(TileGrid, HasTheNearestShape) {
  EXPECT_EQ(nearest_grid({10, 31}, kTile, {.least = 1, .most = 12}), (HeightWidth{1, 3}));
  EXPECT_EQ(nearest_grid({31, 10}, kTile, {.least = 1, .most = 12}), (HeightWidth{3, 1}));
  EXPECT_EQ(nearest_grid({10, 31}, kTile, {.least = 1, .most = 2}), (HeightWidth{1, 2}));
}

TEST(TileGrid, OfOneShapeHasTheMostTilesThatThePictureFills) {
  EXPECT_EQ(nearest_grid({5, 5}, kTile, {.least = 1, .most = 9}), (HeightWidth{1, 1}));
  EXPECT_EQ(nearest_grid({15, 15}, kTile, {.least = 1, .most = 9}), (HeightWidth{2, 2}));
  EXPECT_EQ(nearest_grid({100, 100}, kTile, {.least = 1, .most = 9}), (HeightWidth{3, 3}));
}

TEST(TileGrid, IsOneTileWhereNoneMayBe) {
  EXPECT_EQ(nearest_grid({10, 31}, kTile, {.least = 5, .most = 4}), (HeightWidth{1, 1}));
}

}  // namespace
}  // namespace millrace
