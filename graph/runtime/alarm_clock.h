#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace millrace {

// Calls a function at a time that may be changed until then. One thread, started by the first set().
class AlarmClock {
 public:
  using Clock = std::chrono::steady_clock;

  explicit AlarmClock(std::function<void()> ring) : ring_(std::move(ring)) {}
  ~AlarmClock() { stop(); }
  AlarmClock(const AlarmClock&) = delete;
  AlarmClock& operator=(const AlarmClock&) = delete;

  void set(Clock::time_point time);  // the earlier of this and what was set before
  void stop();                       // after it, nothing rings

 private:
  void run();

  std::function<void()> ring_;  // must not throw
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> time_;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace millrace
