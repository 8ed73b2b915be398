#include "base/path_status.h"

#include "base/error.h"

namespace millrace {
namespace {

std::filesystem::file_status status_of(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::none) {
    std::string name = path.string();
    constexpr size_t kShown = 200;
    if (name.size() > kShown) name = name.substr(0, kShown) + "...";
    fail_at(ErrorKind::io, name, "cannot be looked at: {}", error.message());
  }
  return status;
}

}  // namespace

bool path_exists(const std::filesystem::path& path) { return std::filesystem::exists(status_of(path)); }

bool is_folder(const std::filesystem::path& path) { return std::filesystem::is_directory(status_of(path)); }

}  // namespace millrace
