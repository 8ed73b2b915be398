#include "cli/output_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace millrace::cli {

OutputFolder::OutputFolder(const std::filesystem::path& folder, const std::vector<std::string>& inputs,
                           std::string_view ending) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && !std::filesystem::is_directory(folder, error))
    error = std::make_error_code(std::errc::not_a_directory);
  if (error) fail_at(ErrorKind::io, folder.string(), "cannot be the output folder: {}", error.message());
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    fail_at(ErrorKind::io, folder.string(), "cannot be written to: {}", std::strerror(errno));

  std::map<std::filesystem::path, std::string> taken;
  for (const std::string& input : inputs) {
    auto path =
        folder / (input == "-" ? std::filesystem::path("stdin") : std::filesystem::path(input).filename());
    path.replace_extension(ending);
    const auto [other, is_new] = taken.emplace(path, input);
    if (!is_new)
      fail(ErrorKind::usage,
           "'{}' and '{}' would both be written to {}; give them in two calls, or rename one", other->second,
           input, path.string());
    files_.emplace(input, path);
  }
}

}  // namespace millrace::cli
