#pragma once
#include <mutex>

#include "devices/live_audio.h"

namespace millrace {

// What the live sound of a run came to, for the end of it: a Resource. Thread-safe.
class SoundAccount {
 public:
  void add(const SoundCounts& counts) {
    const std::lock_guard lock(mutex_);
    total_.captured += counts.captured;
    total_.processed += counts.processed;
    total_.dropped += counts.dropped;
    total_.seconds_away += counts.seconds_away;
  }
  SoundCounts total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  SoundCounts total_;
};

}  // namespace millrace
