#include "cli/picture_files.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

bool has_picture_ending(const fs::path& path) {
  static const std::set<std::string> endings = {".jpg", ".jpeg", ".jpe",  ".png", ".webp",
                                                ".bmp", ".tif",  ".tiff", ".gif"};
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return endings.contains(ending);
}

std::vector<std::string> pictures_below(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code none;
    if (it->is_regular_file(none) && has_picture_ending(it->path())) files.push_back(it->path().string());
  }
  if (error) fail_at(ErrorKind::io, folder, "cannot be read: {}", error.message());
  if (files.empty()) fail_at(ErrorKind::input, folder, "holds no pictures (JPEG, PNG, WebP, BMP, TIFF, GIF)");
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::vector<std::string> picture_files(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    std::error_code none;
    if (!fs::is_directory(path, none)) {
      files.push_back(path);
      continue;
    }
    const auto below = pictures_below(path);
    files.insert(files.end(), below.begin(), below.end());
  }
  return files;
}

}  // namespace millrace::cli
