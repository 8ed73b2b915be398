#include "nodes/image_overlay.h"

#include "drawing/live_overlay.h"

namespace millrace {
namespace {

constexpr double kRateOver = 2;  // seconds

// Pictures a second over the last ones; not a number before there are two.
double rate_with(std::deque<double>& times, double time) {
  times.push_back(time);
  while (time - times.front() > kRateOver) times.pop_front();
  return times.size() < 2 ? kNoTime : static_cast<double>(times.size() - 1) / (time - times.front());
}

}  // namespace

ImageOverlay::ImageOverlay(const Params&, Resources& resources) : clock_(resources.find<StreamClock>()) {
  if (!clock_) clock_ = std::make_shared<SystemClock>();
}

void ImageOverlay::operator()(State& state, const In& in, Emit<Out>& emit) const {
  LiveOverlay overlay;
  if (in.predictions)
    for (const Prediction& one : in.predictions->best)
      overlay.labels.push_back({.text = one.label, .score = one.score});
  if (const auto seconds = in.image->seconds) {
    overlay.frames_per_second = rate_with(state.times, *seconds);
    overlay.latency_seconds = clock_->now() - (in.image->began_at + *seconds);
  }
  emit({.image = draw_live_overlay(*in.image, overlay)});
}

}  // namespace millrace
