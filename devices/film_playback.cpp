#include "devices/film_playback.h"

namespace millrace {
namespace {

constexpr double kLate = 0.1;      // seconds
constexpr double kPatience = 0.5;  // seconds of late pictures alone, after which the film is what is late

}  // namespace

FilmPlayback::FilmPlayback(const std::string& path, const VideoOptions& options,
                           std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
    : film_(path), limit_(options.frames_per_second), clock_(std::move(clock)), stop_(std::move(stop)) {}

bool FilmPlayback::is_wanted(double seconds) {
  const double now = clock_->now();
  if (now - (*began_at_ + seconds) <= kLate) {
    late_since_.reset();
    return limit_.takes(seconds);
  }
  if (!late_since_) late_since_ = now;
  if (now - *late_since_ <= kPatience) return false;
  late_since_.reset();
  began_at_ = now - seconds;
  return limit_.takes(seconds);
}

std::optional<LivePicture> FilmPlayback::next() {
  while (auto image = film_.next()) {
    if (!began_at_) began_at_ = clock_->now();
    const double seconds = image->seconds.value();
    if (!clock_->wait_until(*began_at_ + seconds, stop_.get())) return std::nullopt;
    ++counts_.captured;
    if (!is_wanted(seconds)) {
      ++counts_.dropped;
      continue;
    }
    ++counts_.processed;
    image->began_at = *began_at_;
    return LivePicture{.image = std::move(image), .gap = {}};
  }
  return std::nullopt;
}

}  // namespace millrace
