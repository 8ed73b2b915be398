#include "base/stream_clock.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace millrace
