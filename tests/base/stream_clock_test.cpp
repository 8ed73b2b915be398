#include "base/stream_clock.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

namespace millrace {
namespace {

TEST(SystemClock, WaitsForItsTime) {
  SystemClock clock;
  const double before = clock.now();
  EXPECT_TRUE(clock.wait_until(before + 0.02, nullptr));
  EXPECT_GE(clock.now(), before + 0.02);
  EXPECT_TRUE(clock.wait_until(before, nullptr));  // long past
}

TEST(SystemClock, StopsWaitingWhenCancelled) {
  SystemClock clock;
  CancelToken cancel;
  std::thread other([&] { cancel.cancel(); });
  EXPECT_FALSE(clock.wait_until(clock.now() + 3600, &cancel));
  other.join();
}

TEST(VirtualClock, JumpsToTheTimeThatIsWaitedFor) {
  VirtualClock clock;
  EXPECT_EQ(clock.now(), 0);
  EXPECT_TRUE(clock.wait_until(86400, nullptr));
  EXPECT_EQ(clock.now(), 86400);
  EXPECT_TRUE(clock.wait_until(5, nullptr));  // never goes back
  EXPECT_EQ(clock.now(), 86400);
  CancelToken cancel;
  cancel.cancel();
  EXPECT_FALSE(clock.wait_until(1e9, &cancel));
  EXPECT_EQ(clock.now(), 86400);
}

// What each of several works notes, with the time; the last one ends the test.
class VirtualWorks : public ::testing::Test {
 protected:
  void note(const std::string& what) { notes_ += fmt::format("{}@{} ", what, clock_.now()); }
  std::string notes() {
    over_.get_future().wait();
    return notes_;
  }
  std::string notes_;
  std::promise<void> over_;
  VirtualClock clock_;  // ends its works before the rest goes
};

TEST_F(VirtualWorks, TakeTurnsInTheOrderOfTime) {
  clock_.post(0, [&] {  // both begin before either goes on
    clock_.post(0, [&] {
      note("b");
      EXPECT_TRUE(clock_.wait_until(1, nullptr));
      note("b");
      EXPECT_TRUE(clock_.wait_until(2.5, nullptr));
      note("b");
    });
    note("a");
    EXPECT_TRUE(clock_.wait_until(2, nullptr));
    note("a");
    clock_.post(1, [&] { note("late"); });
    EXPECT_TRUE(clock_.wait_until(3, nullptr));
    over_.set_value();
  });
  EXPECT_EQ(notes(), "a@0 b@0 b@1 a@2 late@2 b@2.5 ");
}

TEST_F(VirtualWorks, OfTheSameMomentGoInTheOrderTheyCame) {
  clock_.post(0, [&] {
    for (const char* name : {"x", "y", "z"})
      clock_.post(1, [this, name] {
        note(name);
        clock_.wait_until(2, nullptr);
        note(name);
      });
    clock_.post(3, [&] { over_.set_value(); });
  });
  EXPECT_EQ(notes(), "x@1 y@1 z@1 x@2 y@2 z@2 ");
}

TEST_F(VirtualWorks, StopWaitingWhenCancelledAndTimeStandsStill) {
  CancelToken cancel;
  clock_.post(0, [&] {
    clock_.post(7, [&] { cancel.cancel(); });  // from inside: nothing else runs before it is known
    EXPECT_FALSE(clock_.wait_until(100, &cancel));
    note("cancelled");
    over_.set_value();
  });
  EXPECT_EQ(notes(), "cancelled@7 ");
}

}  // namespace
}  // namespace millrace
