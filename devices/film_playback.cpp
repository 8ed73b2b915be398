#include "devices/film_playback.h"

namespace millrace {
namespace {

constexpr double kLate = 0.1;      // seconds
constexpr double kPatience = 0.5;  // seconds without any picture, after which a late one is better than none

}  // namespace

FilmPlayback::FilmPlayback(const std::string& path, const VideoOptions& options,
                           std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
    : film_(path), limit_(options.frames_per_second), clock_(std::move(clock)), stop_(std::move(stop)) {}

bool FilmPlayback::is_wanted(double seconds) {
  const double now = clock_->now();
  const bool late = now - (*began_at_ + seconds) > kLate;
  return (!late || now - given_at_ > kPatience) && limit_.takes(seconds);
}

std::optional<LivePicture> FilmPlayback::next() {
  while (auto image = film_.next()) {
    if (!began_at_) given_at_ = *(began_at_ = clock_->now());
    const double seconds = image->seconds.value();
    if (!clock_->wait_until(*began_at_ + seconds, stop_.get())) return std::nullopt;
    ++counts_.captured;
    if (!is_wanted(seconds)) {
      ++counts_.dropped;
      continue;
    }
    ++counts_.given;
    given_at_ = clock_->now();
    image->began_at = *began_at_;
    return LivePicture{.image = std::move(image), .gap = {}};
  }
  return std::nullopt;
}

}  // namespace millrace
