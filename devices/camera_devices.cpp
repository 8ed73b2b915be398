#include "devices/camera_devices.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "devices/audio_devices.h"

#if __has_include(<linux/videodev2.h>)
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#endif

namespace millrace {
namespace {

// What the device calls itself, if it captures pictures.
std::optional<std::string> camera_name(const std::string& path) {
#if __has_include(<linux/videodev2.h>)
  const int file = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  v4l2_capability told{};
  const bool answered = ::ioctl(file, VIDIOC_QUERYCAP, &told) == 0;
  ::close(file);
  const auto abilities = told.capabilities & V4L2_CAP_DEVICE_CAPS ? told.device_caps : told.capabilities;
  if (!answered || !(abilities & V4L2_CAP_VIDEO_CAPTURE)) return std::nullopt;
  const auto* name = reinterpret_cast<const char*>(told.card);
  return std::string(name, std::find(name, name + sizeof told.card, '\0'));
#else
  return path;
#endif
}

}  // namespace

std::vector<CameraDevice> camera_devices() {
  std::vector<CameraDevice> found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev", ignored)) {
    const std::string file = entry.path().filename();
    if (!file.starts_with("video") || !is_device_number(file.substr(5))) continue;
    if (auto name = camera_name(entry.path()))
      found.push_back({std::stoi(file.substr(5)), std::move(*name), entry.path()});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return found;
}

}  // namespace millrace
