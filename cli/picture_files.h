#pragma once
#include <string>
#include <vector>

namespace millrace::cli {

// The paths with folders replaced by the pictures below them, in the order of their names. A folder without
// any is Error(input).
std::vector<std::string> picture_files(const std::vector<std::string>& paths);

}  // namespace millrace::cli
