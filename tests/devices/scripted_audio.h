#pragma once
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "devices/live_audio.h"
#include "tests/nodes/sample_clips.h"

namespace millrace::testing {

struct Stretch {
  double from = 0, to = 0;  // seconds of the stream
};

// A microphone that somebody speaks into now and then, and that is taken away now and then: tones for
// speech, in blocks of a tenth of a second, on a VirtualClock. Whole tenths.
class ScriptedAudio final : public LiveAudio {
 public:
  ScriptedAudio(double seconds, std::vector<Stretch> speech, std::vector<Stretch> losses,
                std::shared_ptr<StreamClock> clock, std::shared_ptr<const CancelToken> stop)
      : tenths_(std::llround(seconds * 10)),
        speech_(std::move(speech)),
        losses_(std::move(losses)),
        clock_(std::move(clock)),
        stop_(std::move(stop)) {}

  std::optional<LiveSound> next() override {
    if (at_ >= tenths_) return std::nullopt;
    if (const Stretch* loss = loss_at(at_)) return gap(*loss);
    if (!clock_->wait_until(static_cast<double>(at_ + 1) / 10, stop_.get())) return std::nullopt;
    AudioClip clip = clip_of(1600, static_cast<double>(at_) / 10, 0);
    for (int64_t i = 0; i < 1600; ++i)
      if (speaks(static_cast<double>(at_ * 1600 + i) / kSpeechRate))
        clip.samples[static_cast<size_t>(i)] =
            0.3f * static_cast<float>(std::sin(0.2 * static_cast<double>(i)));
    clip.began_at = 0;
    counts_.captured += 1600;
    counts_.processed += 1600;
    ++at_;
    return LiveSound{.clip = std::move(clip), .gap = {}};
  }
  StreamCounts finish() override { return counts_; }

 private:
  static constexpr int64_t kNoticed = 10;  // tenths that a loss takes to be noticed

  const Stretch* loss_at(int64_t tenth) const {
    const double middle = (static_cast<double>(tenth) + 0.5) / 10;
    for (const Stretch& loss : losses_)
      if (middle > loss.from && middle < loss.to) return &loss;
    return nullptr;
  }
  bool speaks(double seconds) const {
    return std::ranges::any_of(speech_,
                               [&](const Stretch& s) { return seconds >= s.from && seconds < s.to; });
  }
  // As it is noticed, and its rest when the device is back.
  std::optional<LiveSound> gap(const Stretch& loss) {
    const int64_t from = at_, end = std::min<int64_t>(tenths_, std::llround(loss.to * 10));
    const bool begins = from == std::llround(loss.from * 10);
    at_ = begins ? std::min(end, from + kNoticed) : end;
    if (!clock_->wait_until(static_cast<double>(at_) / 10, stop_.get())) return std::nullopt;
    return LiveSound{.clip = {},
                     .gap = StreamGap{.start = static_cast<double>(from) / 10,
                                      .seconds = static_cast<double>(at_ - from) / 10,
                                      .why = "the device was lost"}};
  }

  int64_t at_ = 0, tenths_;
  std::vector<Stretch> speech_, losses_;
  std::shared_ptr<StreamClock> clock_;
  std::shared_ptr<const CancelToken> stop_;
  StreamCounts counts_;
};

}  // namespace millrace::testing
