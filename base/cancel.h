#pragma once
#include <atomic>

#include "base/error.h"

namespace millrace {

// Asked between steps of long work: true once somebody wants it to end. Settable from a signal handler.
class CancelToken {
 public:
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
  void reset() noexcept { cancelled_.store(false, std::memory_order_relaxed); }
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  void check() const {
    if (cancelled()) fail(ErrorKind::interrupted, "interrupted");
  }

 private:
  std::atomic<bool> cancelled_{false};
  static_assert(std::atomic<bool>::is_always_lock_free);
};

// Asks sources to end while what is on its way finishes; a CancelToken ends the work itself.
class StopToken : public CancelToken {};

}  // namespace millrace
