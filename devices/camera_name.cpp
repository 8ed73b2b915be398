#include "devices/camera_name.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"

namespace millrace {
namespace {

constexpr std::array<std::string_view, 4> kSchemes = {"http://", "https://", "rtsp://", "rtsps://"};
constexpr size_t kMostDigits = 4;

}  // namespace

bool is_camera_index(const std::string& source) {
  return !source.empty() && source.size() <= kMostDigits &&
         source.find_first_not_of("0123456789") == std::string::npos;
}

bool is_camera_address(const std::string& source) {
  if (source.find("://") == std::string::npos) return false;
  if (std::ranges::any_of(kSchemes, [&](auto scheme) { return source.starts_with(scheme); })) return true;
  fail(ErrorKind::usage, "'{}' is no address of a camera: these begin with http, https, rtsp or rtsps",
       source);
}

}  // namespace millrace
