#pragma once
#include <vector>

#include "devices/live_video.h"
#include "devices/picture_watch.h"

namespace millrace {

// A camera that does as a test tells it, without a thread: on a VirtualClock it gives the same every time.
class ScriptedVideo final : public LiveVideo {
 public:
  struct Step {
    enum class Kind { picture, same, lost } kind = Kind::picture;  // same: what the last one showed
    double seconds = 0;                                            // when it happens, from the start
    uint8_t level = 0;                                             // of all of the picture
  };

  ScriptedVideo(std::vector<Step> script, int64_t height, int64_t width, std::shared_ptr<StreamClock> clock,
                std::shared_ptr<const CancelToken> stop);
  std::optional<LivePicture> next() override;
  StreamCounts finish() override { return counts_; }

 private:
  std::vector<Step> script_;
  size_t at_ = 0;
  Image image_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const CancelToken> stop_;
  double began_at_;
  PictureWatch watch_{"the scripted camera"};
  StreamCounts counts_;
};

}  // namespace millrace
