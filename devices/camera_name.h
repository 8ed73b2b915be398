#pragma once
#include <string>

namespace millrace {

// What the name of a live source of pictures says that it is; neither: a device's path or a file's.
bool is_camera_index(const std::string& source);
// Error(usage): an address that no camera has.
bool is_camera_address(const std::string& source);

}  // namespace millrace
