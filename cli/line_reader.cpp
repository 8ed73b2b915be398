#include "cli/line_reader.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace millrace::cli {
namespace {

constexpr int kMilliseconds = 50;

// More bytes at the end of `text`; false at the end of input, and when a signal interrupted.
bool read_more(std::string& text, const CancelToken* interrupted) {
  std::array<char, 4096> bytes;
  while (true) {
    // A signal may be taken by another thread, and then interrupts nothing here.
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (interrupted != nullptr && poll(&input, 1, kMilliseconds) <= 0) {
      if (interrupted->cancelled()) return false;
      continue;
    }
    const ssize_t count = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (count > 0) {
      text.append(bytes.data(), static_cast<size_t>(count));
      return true;
    }
    if (count == 0) return false;
    if (errno != EINTR) fail(ErrorKind::io, "standard input cannot be read: {}", std::strerror(errno));
  }
}

}  // namespace

LineReader::Line LineReader::read(const CancelToken& interrupted) {
  size_t end = 0;
  while ((end = pending_.find('\n')) == std::string::npos) {
    if (read_more(pending_, &interrupted)) continue;
    Line line{.text = std::exchange(pending_, {}), .end = End::input};
    if (interrupted.cancelled()) return {.text = {}, .end = End::interrupted};
    if (!line.text.empty()) line.end = End::line;  // a last line without its newline
    return line;
  }
  Line line{.text = pending_.substr(0, end)};
  pending_.erase(0, end + 1);
  if (line.text.ends_with('\r')) line.text.pop_back();
  return line;
}

std::string read_all_input(size_t most) {
  std::string text;
  while (read_more(text, nullptr))
    if (text.size() > most) fail(ErrorKind::input, "standard input holds more than {} bytes", most);
  return text;
}

}  // namespace millrace::cli
