#include "nodes/video_camera.h"

namespace millrace {

VideoCamera::VideoCamera(const Params& params, Resources& resources)
    : options_{.frames_per_second = params.fps, .width = params.width, .height = params.height},
      account_(resources.find<VideoAccount>()) {
  if (const auto given = resources.find<VideoOpener>()) {
    opener_ = *given;
    return;
  }
  std::shared_ptr<StreamClock> clock = resources.find<StreamClock>();
  if (!clock) clock = std::make_shared<SystemClock>();
  opener_.open = [clock, stop = resources.find<StopToken>()](const std::string& source,
                                                             const VideoOptions& options) {
    return open_live_video(source, options, clock, stop);
  };
}

VideoCamera::State VideoCamera::begin(const In& in) const {
  return {opener_.open(*in.source, options_), account_};
}

bool VideoCamera::next(State& state, Emit<Out>& emit) const {
  auto picture = state.video->next();
  if (picture) emit({.image = std::move(picture->image), .gap = std::move(picture->gap)});
  return picture.has_value();
}

}  // namespace millrace
