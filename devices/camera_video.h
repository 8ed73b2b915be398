#pragma once
#include "devices/live_video.h"

namespace millrace {

// A camera of this machine or of the network, by OpenCV. A thread of its own reads it, as fast as pictures
// come, and opens it again a few times a second while it is away.
class CameraVideo final : public LiveVideo {
 public:
  // A number, /dev/videoN, or an address. Says nothing about whether it is there: next() does.
  CameraVideo(const std::string& source, const VideoOptions& options, std::shared_ptr<StreamClock> clock,
              std::shared_ptr<const CancelToken> stop);
  // Waits half a second for the thread; one that OpenCV holds longer is left behind, and ends by itself.
  ~CameraVideo() override;
  std::optional<LivePicture> next() override;
  StreamCounts finish() override;

 private:
  struct Shared;

  void check_start(double now) const;
  std::optional<LivePicture> last_gap();

  std::shared_ptr<Shared> shared_;
  std::shared_ptr<const CancelToken> stop_;
  double asked_at_;
  bool over_ = false;
};

}  // namespace millrace
