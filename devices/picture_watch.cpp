#include "devices/picture_watch.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace millrace {
namespace {

constexpr double kSilence = 0.9;    // seconds without a picture, or without a change
constexpr int kSame = 3;            // pictures that show nothing new, at least
constexpr double kMemory = 0.2;     // of the usual step, for the next
constexpr double kLongestStep = 3;  // seconds; more is no camera's pace

}  // namespace

// Cameras with a picture every few seconds are as they should be.
double PictureWatch::longest_silence() const { return std::max(kSilence, 2.5 * usual_step_); }

void PictureWatch::begin_trouble(Kind kind, double since, const std::string& why) {
  if (trouble_) return;
  trouble_ = Trouble{kind, since, why};
  log::warning("{}: {}; waiting for it to go on", source_, why);
}

void PictureWatch::picture(double now, bool changed) {
  if (last_picture_ && (!trouble_ || trouble_->kind == Kind::silent)) {
    const double step = std::min(now - *last_picture_, kLongestStep);
    usual_step_ = usual_step_ == 0 ? step : usual_step_ + kMemory * (step - usual_step_);
  }
  if (trouble_ && (changed || trouble_->kind != Kind::frozen)) {
    log::info("{}: goes on after {:.1f} s", source_, now - trouble_->since);
    gap_ = StreamGap{.start = trouble_->since, .seconds = now - trouble_->since, .why = trouble_->why};
    trouble_.reset();
    changed = true;
  }
  last_picture_ = now;
  same_ = changed ? 0 : same_ + 1;
  if (changed) last_change_ = now;
  if (same_ >= kSame && now - last_change_ > longest_silence())
    begin_trouble(Kind::frozen, last_change_, "the picture has frozen: it stays exactly the same");
}

void PictureWatch::look(double now) {
  if (last_picture_ && now - *last_picture_ > longest_silence())
    begin_trouble(Kind::silent, *last_picture_, "no pictures come");
}

void PictureWatch::lost(double now, const std::string& why) {
  begin_trouble(Kind::lost, last_picture_.value_or(now), why);
}

std::optional<StreamGap> PictureWatch::take_gap(double began_at, std::optional<double> end) {
  std::optional<StreamGap> gap = std::exchange(gap_, std::nullopt);
  if (!gap && end && trouble_)
    gap = StreamGap{.start = trouble_->since, .seconds = *end - trouble_->since, .why = trouble_->why};
  if (gap) gap->start -= began_at;
  return gap;
}

}  // namespace millrace
