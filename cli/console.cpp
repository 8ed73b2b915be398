#include "cli/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/utf8.h"

namespace millrace::cli {
namespace {

Interrupts* installed = nullptr;

// 0, or the errno of the failure.
int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

struct TerminalSize {
  size_t columns = 80, rows = 24;
};

TerminalSize terminal_size() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

// The first `columns` characters of valid UTF-8, counting a code point as a column.
std::string_view first_columns(std::string_view text, size_t columns) {
  size_t end = 0;
  for (; end < text.size(); ++end)
    if ((text[end] & 0xC0) != 0x80 && columns-- == 0) break;
  return text.substr(0, end);
}

}  // namespace

void Interrupts::on_signal(int number) {
  if (installed->first_ == 0) installed->first_ = number;
  if (installed->abort.cancelled()) _exit(installed->exit_code());
  if (installed->stop.cancelled()) {
    installed->abort.cancel();
  } else if (installed->announce) {
    constexpr std::string_view words =
        "\033[Kmillrace: finishing what is on its way; again to stop at once\n";
    write_all(STDERR_FILENO, words);
  }
  installed->stop.cancel();
}

int Interrupts::exit_code() const {
  return first_ == SIGTERM ? 128 + SIGTERM : millrace::exit_code(ErrorKind::interrupted);
}

void Interrupts::install() {
  installed = this;
  struct sigaction action {};
  action.sa_handler = on_signal;  // no SA_RESTART: a blocked read must return
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction ignore {};
  ignore.sa_handler = SIG_IGN;  // a closed pipe is seen where it is written to
  sigaction(SIGPIPE, &ignore, nullptr);
}

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0), enabled_(terminal_) {}

bool ProgressLine::enabled() const { return enabled_; }

void ProgressLine::enable(bool wanted) { enabled_ = wanted && terminal_; }

void ProgressLine::show(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!enabled_ || (!text.empty() && now - last_ < std::chrono::milliseconds(100))) return;
  last_ = now;
  line_ = utf8::sanitized(text);
  draw();
}

void ProgressLine::show_table(const std::string& lines) {
  const std::lock_guard lock(mutex_);
  if (!enabled_) return;
  table_ = utf8::sanitized(lines);
  draw();
}

// The cursor goes back to the start of it all, so that whoever writes next writes over it.
void ProgressLine::draw() {
  const TerminalSize size = terminal_size();
  const std::string all = line_ + (line_.empty() || table_.empty() ? "" : "\n") + table_;
  std::string text;
  size_t rows = 0;
  for (size_t begin = 0; begin < all.size() && rows + 1 < size.rows; ++rows) {
    const size_t end = std::min(all.find('\n', begin), all.size());
    if (rows > 0) text += '\n';
    text += std::string(first_columns(std::string_view(all).substr(begin, end - begin), size.columns - 1)) +
            "\033[K";
    begin = end + 1;
  }
  text += '\r';
  if (rows > 1) text += fmt::format("\033[{}A", rows - 1);
  write_all(STDERR_FILENO, text);
  shown_ = true;
}

void ProgressLine::clear() {
  const std::lock_guard lock(mutex_);
  if (shown_) write_all(STDERR_FILENO, "\033[J");
  shown_ = false;
  line_.clear();
}

void Output::write(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (closed_ || failure_ != 0) return;
  progress_.clear();
  const int failure = write_all(STDOUT_FILENO, utf8::sanitized(text));
  if (failure == 0) return;
  (failure == EPIPE) ? void(closed_ = true) : void(failure_ = failure);
  interrupts_.abort_all();
}

void Output::check() const {
  if (failure_ != 0) fail_at(ErrorKind::io, "standard output", "{}", std::strerror(failure_));
}

}  // namespace millrace::cli
