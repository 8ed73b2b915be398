#pragma once
#include <atomic>
#include <cstdint>

#include "devices/live_video.h"

namespace millrace {

// What the live sources of a run captured and dropped, for the end of it: a Resource. Thread-safe.
class VideoAccount {
 public:
  void add(const VideoCounts& counts) {
    captured_ += counts.captured;
    dropped_ += counts.dropped;
  }
  int64_t captured() const { return captured_; }
  int64_t dropped() const { return dropped_; }

 private:
  std::atomic<int64_t> captured_ = 0, dropped_ = 0;
};

}  // namespace millrace
