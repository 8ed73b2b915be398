#include "devices/live_video.h"

#include "devices/camera_name.h"
#include "devices/camera_video.h"
#include "devices/film_playback.h"

namespace millrace {

std::unique_ptr<LiveVideo> open_live_video(const std::string& source, const VideoOptions& options,
                                           std::shared_ptr<StreamClock> clock,
                                           std::shared_ptr<const CancelToken> stop) {
  if (source.starts_with("/dev/video") || is_camera_index(source) || is_camera_address(source))
    return std::make_unique<CameraVideo>(source, options, std::move(clock), std::move(stop));
  return std::make_unique<FilmPlayback>(source, options, std::move(clock), std::move(stop));
}

}  // namespace millrace
