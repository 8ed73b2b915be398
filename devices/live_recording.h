#pragma once
#include <memory>
#include <string>

#include "devices/capture_time.h"
#include "devices/live_audio.h"
#include "preprocess/audio_source.h"

namespace millrace {

// A recording as if it were spoken now: each block comes when its last sample would have been heard. Standard
// input and named pipes are taken to be captured now by a program at their other end, and wait for that.
class LiveRecording final : public LiveAudio {
 public:
  // Throws what open_audio throws.
  LiveRecording(const std::string& path, AudioOptions options, std::shared_ptr<StreamClock> clock,
                std::shared_ptr<const CancelToken> stop);

  std::optional<LiveSound> next() override;
  StreamCounts finish() override { return counts_; }

 private:
  bool wait_for(double seconds);

  std::string path_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const CancelToken> stop_;
  std::unique_ptr<AudioSource> source_;
  bool piped_;
  double began_at_;
  CaptureTime capture_time_;  // of pipes
  StreamCounts counts_;
};

}  // namespace millrace
