#include "devices/live_recording.h"

#include <filesystem>

#include "base/log.h"
#include "devices/unbroken_sound.h"

namespace millrace {
namespace {

// A pipe may bring what was captured before it was opened, and the clock at its other end may be fast. What
// is further ahead than that waits, so that a recording that somebody pipes in comes at its own speed, too.
constexpr double kHeadStart = 3;      // seconds
constexpr double kFastClock = 0.001;  // seconds a second

bool is_piped(const std::string& path) {
  std::error_code ignored;
  return path == "-" || !std::filesystem::is_regular_file(path, ignored);
}

AudioOptions in_live_blocks(AudioOptions options, const CancelToken* stop) {
  options.block_samples = kLiveBlock;
  options.cancel = stop;
  return options;
}

}  // namespace

LiveRecording::LiveRecording(const std::string& path, AudioOptions options,
                             std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
    : path_(path),
      clock_(std::move(clock)),
      stop_(std::move(stop)),
      source_(open_audio(path, in_live_blocks(std::move(options), stop_.get()))),
      piped_(is_piped(path)),
      began_at_(clock_->now()) {}

bool LiveRecording::wait_for(double seconds) {
  const double due = piped_ ? seconds * (1 - kFastClock) - kHeadStart : seconds;
  return clock_->wait_until(began_at_ + due, stop_.get());
}

std::optional<LiveSound> LiveRecording::next() {
  auto clip = source_->next();
  if (!clip) {
    if (const std::string fault = source_->fault(); !fault.empty())
      log::warning("{}: {}; what came before is given", path_, fault);
    return std::nullopt;
  }
  const double end = clip->seconds_at(clip->length());
  if (!wait_for(end)) return std::nullopt;
  clip->began_at = began_at_;
  if (piped_) {
    const double now = clock_->now();
    capture_time_.observe(now - end, now);
    clip->began_at = capture_time_.zero_at();
  }
  counts_.captured += clip->length();
  counts_.processed += clip->length();
  return LiveSound{.clip = std::move(clip), .gap = std::nullopt};
}

}  // namespace millrace
