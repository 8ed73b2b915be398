#include "models/store/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.h"

namespace millrace {

FileLock::FileLock(const std::filesystem::path& path, const CancelToken* cancel) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) fail_at(ErrorKind::io, path.string(), "the lock cannot be made: {}", std::strerror(errno));
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    const bool busy = reason == EWOULDBLOCK || reason == EINTR;
    if (busy && (cancel == nullptr || !cancel->cancelled())) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      continue;
    }
    ::close(file_);
    if (busy) cancel->check();
    fail_at(ErrorKind::io, path.string(), "cannot be locked: {}", std::strerror(reason));
  }
}

FileLock::~FileLock() { ::close(file_); }

}  // namespace millrace
