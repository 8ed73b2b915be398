#include "nodes/turn.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Floor, ATurnEndsTheOnesBefore) {
  const auto floor = std::make_shared<Floor>();
  const Turn first = floor->begin_turn();
  EXPECT_EQ(first.number, 1);
  EXPECT_FALSE(first.cancelled());
  const Turn second = floor->begin_turn(), third = floor->begin_turn();
  EXPECT_TRUE(first.cancelled() && second.cancelled());
  EXPECT_FALSE(third.cancelled());
  EXPECT_EQ(third.number, 3);
}

TEST(Floor, ConversationsKnowNothingOfEachOther) {
  const auto one = std::make_shared<Floor>(), other = std::make_shared<Floor>();
  const Turn turn = one->begin_turn();
  EXPECT_EQ(other->begin_turn().number, 1);
  EXPECT_FALSE(turn.cancelled());
}

TEST(Floor, HearsItselfWhileItSpeaksAndAMomentLonger) {
  Floor floor;
  EXPECT_FALSE(floor.hears_itself(0));
  floor.starts_speaking(5);
  EXPECT_FALSE(floor.hears_itself(4.9));
  EXPECT_TRUE(floor.hears_itself(5) && floor.hears_itself(1e6));
  floor.stops_speaking(8);
  EXPECT_TRUE(floor.hears_itself(8.2));
  EXPECT_FALSE(floor.hears_itself(8.4));
  EXPECT_FALSE(floor.hears_itself(std::numeric_limits<double>::quiet_NaN()));
}

TEST(Turn, OutsideAConversationNothingCancelsIt) { EXPECT_FALSE(Turn().cancelled()); }

}  // namespace
}  // namespace millrace
