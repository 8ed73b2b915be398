#include "base/stream_clock.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace millrace {
namespace {

constexpr double kLookForCancel = 0.05;  // seconds

}  // namespace

double SystemClock::now() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool SystemClock::wait_until(double seconds, const CancelToken* cancel) {
  for (double left = seconds - now(); left > 0; left = seconds - now()) {
    if (cancel && cancel->cancelled()) return false;
    std::this_thread::sleep_for(
        std::chrono::duration<double>(cancel ? std::min(left, kLookForCancel) : left));
  }
  return !cancel || !cancel->cancelled();
}

}  // namespace millrace
