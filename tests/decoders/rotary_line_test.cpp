#include "decoders/rotary_line.h"

#include <gmock/gmock.h>

namespace millrace {
namespace {

using testing::ElementsAre;

// A picture of two lines and one column behind three tokens.
const std::vector<GridPosition> kPicture = {{3, 3, 3}, {3, 4, 3}};

std::vector<GridPosition> extended(RotaryLine& line, int64_t length, int64_t count,
                                   const std::vector<GridPosition>& given = {}) {
  std::vector<GridPosition> all;
  line.extend(length, count, given, all);
  return all;
}

constexpr GridPosition at(int64_t position) { return position_in_text(position); }

TEST(RotaryLine, CountsText) {
  RotaryLine line;
  EXPECT_THAT(extended(line, 0, 2), ElementsAre(at(0), at(1)));
  EXPECT_THAT(extended(line, 2, 1), ElementsAre(at(2)));
  EXPECT_EQ(line.next(3), 3);
}

TEST(RotaryLine, GoesOnBehindThePicturesFarthestPlace) {
  RotaryLine line;
  extended(line, 0, 3);
  EXPECT_EQ(extended(line, 3, 2, kPicture), kPicture);
  EXPECT_EQ(line.next(5), 5);
  RotaryLine wide;
  extended(wide, 0, 4, {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}});
  EXPECT_THAT(extended(wide, 4, 2), ElementsAre(at(2), at(3)));
  EXPECT_EQ(wide.next(6), 4);
}

TEST(RotaryLine, ForgetsWhatIsBehindALength) {
  RotaryLine line;
  extended(line, 0, 4, {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {0, 1, 1}});
  extended(line, 4, 3);
  EXPECT_THAT(extended(line, 5, 1), ElementsAre(at(3)));
  EXPECT_THAT(extended(line, 1, 1), ElementsAre(at(1))) << "in the middle of the picture";
  EXPECT_THAT(extended(line, 0, 1), ElementsAre(at(0)));
}

}  // namespace
}  // namespace millrace
