#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/stream_clock.h"
#include "base/stream_gap.h"
#include "devices/stream_account.h"
#include "preprocess/image.h"

namespace millrace {

// What a live source gives next: a picture, a gap that has ended, or both.
struct LivePicture {
  std::optional<Image> image;  // with its time in the stream, and when the stream began
  std::optional<StreamGap> gap;
};

// Pictures that do not wait: whoever asks gets the newest, and what came since the last question is dropped
// and counted. That pictures stay away, or stay the same, is said to the log when it begins and when it ends,
// and the stream goes on.
class LiveVideo {
 public:
  virtual ~LiveVideo() = default;
  // Waits for it. Nothing: the stream has ended, or was told to. Error(io): a source that cannot be opened,
  // at the start alone.
  virtual std::optional<LivePicture> next() = 0;
  // Captures nothing more. What nobody asked for is dropped.
  virtual StreamCounts finish() = 0;
};

struct VideoOptions {
  double frames_per_second = 0;   // at most; 0: as many as there are
  int64_t width = 0, height = 0;  // that a camera is asked for; 0: its own
};

// `source` is a camera's number or /dev/videoN, an address (http, https, rtsp, rtsps), or a film, which is
// played as if it were seen now. `stop` may be null. Error(io), Error(input): it is no film that can be read;
// Error(usage): an address of another kind.
std::unique_ptr<LiveVideo> open_live_video(const std::string& source, const VideoOptions& options,
                                           std::shared_ptr<StreamClock> clock,
                                           std::shared_ptr<const CancelToken> stop);

// What a run opens live pictures with, where it is not open_live_video: a Resource for tests.
struct VideoOpener {
  std::function<std::unique_ptr<LiveVideo>(const std::string& source, const VideoOptions& options)> open;
};

// Tells which pictures are taken when fewer are wanted than come.
class RateLimit {
 public:
  explicit RateLimit(double frames_per_second) : step_(frames_per_second > 0 ? 1 / frames_per_second : 0) {}
  // Whether the picture of this time is. Cameras are not exact: a tenth of a step early is on time.
  bool takes(double seconds) {
    if (seconds < due_ - step_ / 10) return false;
    due_ = seconds < due_ + step_ ? due_ + step_ : seconds + step_;
    return true;
  }

 private:
  double step_, due_ = 0;
};

}  // namespace millrace
