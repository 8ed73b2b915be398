#include "nodes/audio_utterance.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace {
namespace {

constexpr double kMostJump = 0.02;         // seconds that rounding may move a block's time by
constexpr double kLate = 0.09;             // a block so much later than the newest ones is not the newest
constexpr double kDriftPerSecond = 0.005;  // that the device's delay may grow by

void give_next(AudioUtterance::State& state, Emit<AudioUtterance::Out>& emit) {
  if (state.waiting) return;
  auto window = state.windows->next(state.newest);
  if (!window) {
    if (state.gaps.empty()) return;
    window.emplace();  // there is a gap to tell of
    window->clip.spans = {{0, state.gaps.front().start}};
    window->clip.began_at = state.began_at;
  }
  state.waiting = true;
  emit({.clip = std::move(window->clip),
        .window = {.end = window->end, .gaps = std::exchange(state.gaps, {})}});
}

}  // namespace

AudioUtterance::AudioUtterance(const Params& params, Resources& resources)
    : options_{.threshold = params.threshold,
               .min_speech_duration_ms = params.min_speech_duration_ms,
               .min_silence_duration_ms = params.min_silence_duration_ms,
               .speech_pad_ms = params.speech_pad_ms,
               .longest_s = params.longest,
               .step_s = params.step},
      detector_(params.method),
      clock_(resources.find<StreamClock>()),
      account_(resources.find<SpeechAccount>()) {
  if (!clock_) clock_ = std::make_shared<SystemClock>();
  begin();  // refuses what makes no sense
}

AudioUtterance::State AudioUtterance::begin() const {
  return {.windows = std::make_unique<LiveWindows>(options_,
                                                   [detector = detector_] { return detector.new_stream(); })};
}

// While a window is being transcribed, sound waits in the queue; all of it comes in before the next window is
// given. By the clock the newest block has only just been captured, but for a delay that is the device's.
bool AudioUtterance::is_newest(State& state, const AudioClip& clip) const {
  if (std::isnan(clip.began_at)) return true;  // not live
  const double seconds = static_cast<double>(clip.length()) / kSpeechRate;
  const double late = clock_->now() - (clip.began_at + clip.seconds_at(clip.length()));
  const bool first = !state.next_time.has_value();
  state.least_late = first ? late : std::min(late, state.least_late + seconds * kDriftPerSecond);
  return late < state.least_late + kLate;
}

void AudioUtterance::count(const StreamCounts& counts) const {
  if (account_) account_->add(counts);
}

void AudioUtterance::take(State& state, const AudioClip& clip) const {
  if (clip.length() <= 0) return;
  const double start = clip.seconds_at(0);
  state.began_at = clip.began_at;
  state.newest = is_newest(state, clip);
  count({.captured = clip.length(), .processed = clip.length()});
  if (const double from = state.next_time.value_or(0); start > from + kMostJump) {
    state.gaps.push_back(
        {.start = from, .seconds = start - from, .why = "no sound was there, or it was not taken in time"});
    const int64_t missing = std::llround((start - from) * kSpeechRate);
    count({.captured = missing, .dropped = missing});
  }
  state.next_time = clip.seconds_at(clip.length());
  state.windows->push(clip);
}

void AudioUtterance::operator()(State& state, const In& in, Emit<Out>& emit) const {
  if (in.clip) take(state, *in.clip);
  if (in.step) {
    state.windows->answered(in.step->samples);
    state.waiting = false;
    state.newest = std::isnan(state.began_at);  // who knows what came meanwhile: the next block tells
  }
  give_next(state, emit);
}

void AudioUtterance::flush(State& state, Emit<Out>& emit) const {
  state.windows->finish();
  give_next(state, emit);
}

}  // namespace millrace
