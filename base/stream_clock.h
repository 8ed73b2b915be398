#pragma once
#include <functional>
#include <memory>

#include "base/cancel.h"

namespace millrace {

// The time that live sources keep and latencies are measured by, in seconds since some moment. Everything
// live asks the run's clock and no other, so that a test can let a day pass in a minute. Thread-safe.
class StreamClock {
 public:
  virtual ~StreamClock() = default;
  virtual double now() const = 0;
  // Returns true once it is `seconds`, or false soon after `cancel` is set (null: cannot be).
  virtual bool wait_until(double seconds, const CancelToken* cancel) = 0;
};

// This machine's monotonic clock.
class SystemClock final : public StreamClock {
 public:
  double now() const override;
  bool wait_until(double seconds, const CancelToken* cancel) override;
};

// Simulated time: begins at 0 and leaps to the next moment that anything waits for, once everything that it
// runs waits. What it runs goes one after another, in an order that is the same on every machine: a graph
// whose resources hold this clock is run by it, so that a node that waits for 0.3 s is one that takes as
// long, and queues, losses and latencies come out the same every time. Whoever else waits, a test without a
// graph for instance, moves it on at once.
class VirtualClock final : public StreamClock {
 public:
  VirtualClock();
  ~VirtualClock() override;  // what has not begun never does
  double now() const override;
  bool wait_until(double seconds, const CancelToken* cancel) override;

  // Runs `work` once it is `seconds` and all else waits; works of the same moment go in the order in which
  // they were posted. It must not throw, and may wait and post.
  void post(double seconds, std::function<void()> work);

 private:
  class Turns;
  std::unique_ptr<Turns> turns_;
};

}  // namespace millrace
