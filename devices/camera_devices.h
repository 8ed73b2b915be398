#pragma once
#include <string>
#include <vector>

namespace millrace {

struct CameraDevice {
  int number = 0;
  std::string name, path;  // "/dev/video0"
};

// The cameras that Video4Linux has, by number: those of /dev/video… that capture pictures. Ones that may not
// be opened are left out.
std::vector<CameraDevice> camera_devices();

}  // namespace millrace
