#pragma once
#include <mutex>

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

// Begins at 0 and jumps to whatever time is waited for: as fast as everything else will run.
class VirtualClock final : public StreamClock {
 public:
  double now() const override;
  bool wait_until(double seconds, const CancelToken* cancel) override;

 private:
  mutable std::mutex mutex_;
  double now_ = 0;
};

}  // namespace millrace
