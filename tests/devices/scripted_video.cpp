#include "tests/devices/scripted_video.h"

#include <algorithm>

namespace millrace {
namespace {

constexpr double kLook = 0.05;  // seconds between looks for what stays away

}  // namespace

ScriptedVideo::ScriptedVideo(std::vector<Step> script, int64_t height, int64_t width,
                             std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
    : script_(std::move(script)),
      image_(height, width),
      clock_(std::move(clock)),
      stop_(std::move(stop)),
      began_at_(clock_->now()) {}

std::optional<LivePicture> ScriptedVideo::next() {
  while (at_ < script_.size()) {
    const Step& step = script_[at_];
    const double due = began_at_ + step.seconds;
    for (double now = clock_->now(); now < due; now = clock_->now()) {
      if (!clock_->wait_until(std::min(due, now + kLook), stop_.get())) return std::nullopt;
      watch_.look(clock_->now());
    }
    ++at_;
    if (step.kind == Step::Kind::lost) {
      watch_.lost(due, "the camera was lost");
      continue;
    }
    if (step.kind == Step::Kind::picture) std::ranges::fill(image_.pixels, step.level);
    watch_.picture(due, step.kind == Step::Kind::picture);
    image_.seconds = step.seconds;
    image_.began_at = began_at_;
    ++counts_.captured, ++counts_.processed;
    return LivePicture{.image = image_, .gap = watch_.take_gap(began_at_)};
  }
  if (auto gap = watch_.take_gap(began_at_, clock_->now())) {
    watch_ = PictureWatch{"the scripted camera"};
    return LivePicture{.image = {}, .gap = std::move(gap)};
  }
  return std::nullopt;
}

}  // namespace millrace
