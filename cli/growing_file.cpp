#include "cli/growing_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace millrace::cli {

GrowingFile::GrowingFile(std::filesystem::path path) : path_(std::move(path)) {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) fail_at(ErrorKind::io, path_.string(), "cannot be written: {}", std::strerror(errno));
}

GrowingFile::~GrowingFile() { ::close(file_); }

// One call of write() for a text: a signal ends the process before or after it, never within.
void GrowingFile::append(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_at(ErrorKind::io, path_.string(), "cannot be written: {}", std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace millrace::cli
