#include "preprocess/input_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/error.h"

namespace millrace {
namespace {

constexpr int kPollMilliseconds = 100;
constexpr int kPollsForAWriter = 10;

}  // namespace

InputFile::InputFile(const std::string& path, const CancelToken* cancel) : name_(path), cancel_(cancel) {
  if (path == "-") {
    name_ = "standard input";
    file_ = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  } else {
    // O_NONBLOCK: opening a named pipe must not wait for ever for somebody to write to it.
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  }
  if (file_ < 0) fail_at(ErrorKind::io, name_, "cannot be opened: {}", std::strerror(errno));
  struct stat status {};
  if (::fstat(file_, &status) == 0 && S_ISDIR(status.st_mode)) {
    ::close(file_);
    fail_at(ErrorKind::io, name_, "is a folder; give the files in it");
  }
  if (S_ISREG(status.st_mode)) size_ = status.st_size;
  if (!S_ISFIFO(status.st_mode) || path == "-") return;

  // A pipe without a writer reads as ended; one with a writer has bytes or makes us wait.
  for (int polls = 0; polls < kPollsForAWriter; ++polls) {
    std::byte first;
    const ssize_t got = ::read(file_, &first, 1);
    if (got == 1) head_.push_back(first);
    if (got == 1 || (got < 0 && errno == EAGAIN)) return;
    pollfd waiting{file_, POLLIN, 0};
    ::poll(&waiting, 1, kPollMilliseconds);
    if ((waiting.revents & POLLHUP) != 0) return;  // its writer has come and gone
    if (waiting.revents == 0 && cancel_ != nullptr && cancel_->cancelled()) break;
  }
  ::close(file_);
  fail_at(ErrorKind::io, name_, "is a named pipe that nobody writes to; start the writer first");
}

InputFile::~InputFile() { ::close(file_); }

const std::vector<std::byte>& InputFile::peek(size_t size) {
  size_t have = head_.size();
  head_.resize(std::max(size, have));
  while (have < size) {
    const size_t got = read_bytes(head_.data() + have, size - have);
    if (got == 0) break;
    have += got;
  }
  head_.resize(have);
  return head_;
}

size_t InputFile::read(void* to, size_t size) {
  if (head_read_ == head_.size()) return read_bytes(to, size);
  const size_t part = std::min(size, head_.size() - head_read_);
  std::memcpy(to, head_.data() + head_read_, part);
  head_read_ += part;
  return part;
}

void InputFile::seek(int64_t position) {
  head_read_ = head_.size();
  if (::lseek(file_, position, SEEK_SET) < 0)
    fail_at(ErrorKind::io, name_, "cannot be read at byte {}: {}", position, std::strerror(errno));
}

bool InputFile::wait_for_bytes() {
  while (true) {
    if (cancel_ != nullptr && cancel_->cancelled()) return false;
    pollfd waiting{file_, POLLIN, 0};
    if (::poll(&waiting, 1, kPollMilliseconds) > 0) return true;
  }
}

size_t InputFile::read_bytes(void* to, size_t size) {
  while (true) {
    if (!regular() && !wait_for_bytes()) return 0;
    const ssize_t got = ::read(file_, to, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR && errno != EAGAIN)
      fail_at(ErrorKind::io, name_, "cannot be read: {}", std::strerror(errno));
  }
}

}  // namespace millrace
