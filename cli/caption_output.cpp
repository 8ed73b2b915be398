#include "cli/caption_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <utility>

namespace millrace::cli {
namespace {

size_t terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col : 80;
}

}  // namespace

CaptionOutput::CaptionOutput(const Options& options, Output& out)
    : out_(out),
      status_(options.status),
      several_(options.several),
      screen_(options.file.empty() ? options.format : TranscriptFormat::text, options.several) {
  const bool plain = !options.file.empty() || options.format == TranscriptFormat::text;
  rewrites_ = plain && isatty(STDOUT_FILENO) != 0;
  if (!options.file.empty()) {
    filed_.emplace(options.format, options.several);
    file_.emplace(options.file);
    file_->append(filed_->begin());
  }
  if (const std::string header = screen_.begin(); !header.empty()) out_.write(header);
}

void CaptionOutput::show_partial(const std::string& text) {
  if (status_)
    status_->show(last_columns(text, terminal_columns() - 1));
  else
    out_.write("\r\033[K\033[2m" + last_columns(text, terminal_columns() - 1) + "\033[0m");
  shown_ = true;
}

void CaptionOutput::clear_partial() {
  if (!std::exchange(shown_, false)) return;
  if (status_)
    status_->show("");
  else
    out_.write("\r\033[K");
}

void CaptionOutput::partial(const std::string& input, const PartialText& text) {
  if (text.end <= final_until_[input]) return;  // it came late
  if (const std::string line = screen_.partial(input, text); !line.empty()) out_.write(line);
  if (!rewrites_) return;
  show_partial(several_ ? input + ": " + text.text() : text.text());
}

void CaptionOutput::segment(const std::string& input, const Segment& segment) {
  final_until_[input] = segment.end;
  if (file_) file_->append(filed_->segment(input, segment));
  clear_partial();
  out_.write(screen_.segment(input, segment));
}

void CaptionOutput::gap(const std::string& input, const StreamGap& gap) {
  if (file_) file_->append(filed_->gap(input, gap));
  clear_partial();
  out_.write(screen_.gap(input, gap));
}

void CaptionOutput::end() { clear_partial(); }

}  // namespace millrace::cli
