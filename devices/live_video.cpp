#include "devices/live_video.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "devices/camera_video.h"
#include "devices/film_playback.h"

namespace millrace {
namespace {

constexpr std::array<std::string_view, 4> kSchemes = {"http://", "https://", "rtsp://", "rtsps://"};

bool is_device(const std::string& source) {
  return source.starts_with("/dev/video") || (!source.empty() && source.size() < 5 &&
                                              source.find_first_not_of("0123456789") == std::string::npos);
}

bool is_address(const std::string& source) {
  if (source.find("://") == std::string::npos) return false;
  if (std::ranges::any_of(kSchemes, [&](auto scheme) { return source.starts_with(scheme); })) return true;
  fail(ErrorKind::usage, "'{}' is no address of a camera: these begin with http, https, rtsp or rtsps",
       source);
}

}  // namespace

std::unique_ptr<LiveVideo> open_live_video(const std::string& source, const VideoOptions& options,
                                           std::shared_ptr<StreamClock> clock,
                                           std::shared_ptr<const CancelToken> stop) {
  if (is_device(source) || is_address(source))
    return std::make_unique<CameraVideo>(source, options, std::move(clock), std::move(stop));
  return std::make_unique<FilmPlayback>(source, options, std::move(clock), std::move(stop));
}

}  // namespace millrace
