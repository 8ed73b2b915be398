#pragma once
#include <filesystem>

namespace millrace {

// What is at a path, links followed. Nothing there is false; where that cannot be known (no permission, a
// name that is too long, links in a circle) it is Error(io), where std::filesystem::exists throws what names
// no file.
bool path_exists(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

}  // namespace millrace
