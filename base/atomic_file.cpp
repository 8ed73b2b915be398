#include "base/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace millrace {

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  static std::atomic<unsigned> counter{0};
  do {
    beside_ = fmt::format("{}.part-{}-{}", path_.string(), ::getpid(), counter.fetch_add(1));
    file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (file_ < 0 && errno == EEXIST);
  if (file_ < 0) fail_at(ErrorKind::io, path_.string(), "cannot be written: {}", std::strerror(errno));
}

AtomicFile::~AtomicFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(beside_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_at(ErrorKind::io, path_.string(), "cannot be written: {}", std::strerror(errno));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

void AtomicFile::commit() {
  if (::fsync(file_) != 0)
    fail_at(ErrorKind::io, path_.string(), "cannot be written: {}", std::strerror(errno));
  if (::rename(beside_.c_str(), path_.c_str()) != 0)
    fail_at(ErrorKind::io, path_.string(), "cannot be put in place: {}", std::strerror(errno));
  ::close(std::exchange(file_, -1));
}

void AtomicFile::commit_as(std::filesystem::path path) {
  path_ = std::move(path);
  commit();
}

}  // namespace millrace
