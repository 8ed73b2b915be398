#pragma once
#include <cstdint>
#include <mutex>

namespace millrace {

// What became of what a live stream brought, in samples or pictures. At its end captured is processed +
// dropped.
struct StreamCounts {
  int64_t captured = 0, processed = 0, dropped = 0;
  double seconds_away = 0;  // that the device gave nothing, being away
};

// The sum of a run's streams, for the end of it. Thread-safe.
class StreamAccount {
 public:
  void add(const StreamCounts& counts) {
    const std::lock_guard lock(mutex_);
    total_.captured += counts.captured;
    total_.processed += counts.processed;
    total_.dropped += counts.dropped;
    total_.seconds_away += counts.seconds_away;
  }
  StreamCounts total() const {
    const std::lock_guard lock(mutex_);
    return total_;
  }

 private:
  mutable std::mutex mutex_;
  StreamCounts total_;
};

// Resources: what sources add to when they end, in samples of one channel at their own rate, or pictures.
class SoundAccount : public StreamAccount {};
class VideoAccount : public StreamAccount {};
// And what is looked through for speech, in samples of 16 kHz: sound that was never captured, or not taken in
// time, is captured and dropped here.
class SpeechAccount : public StreamAccount {};

}  // namespace millrace
