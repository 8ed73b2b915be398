#include "graph/runtime/alarm_clock.h"

namespace millrace {

void AlarmClock::set(Clock::time_point time) {
  const std::lock_guard lock(mutex_);
  if (closing_ || (time_ && *time_ <= time)) return;
  time_ = time;
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_one();
}

void AlarmClock::stop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void AlarmClock::run() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    if (!time_) {
      changed_.wait(lock);
    } else if (Clock::now() < *time_) {
      changed_.wait_until(lock, Clock::time_point(*time_));
    } else {
      time_.reset();
      lock.unlock();
      ring_();
      lock.lock();
    }
  }
}

}  // namespace millrace
