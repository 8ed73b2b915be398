#include "preprocess/live_windows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"

namespace millrace {
namespace {

constexpr double kMostJump = 0.02;                   // seconds that rounding may move a block's time by
constexpr int64_t kPause = 3 * kVoiceActivityChunk;  // silence that may be an utterance's end
constexpr int64_t kHeardOut = kVoiceActivityChunk;   // of silence, after speech that is heard whole

int64_t samples_in(double seconds) { return std::llround(seconds * kSpeechRate); }

// The segments' ends are known at once when the segmenter pads nothing.
VoiceActivityOptions activity_options(const LiveWindowOptions& options) {
  return {.threshold = options.threshold,
          .neg_threshold = {},
          .min_speech_duration_ms = options.min_speech_duration_ms,
          .min_silence_duration_ms = options.min_silence_duration_ms,
          .speech_pad_ms = 0};
}

}  // namespace

LiveWindows::LiveWindows(const LiveWindowOptions& options, std::function<SpeechProbabilities()> new_stream)
    : options_(options),
      activity_(activity_options(options)),
      pad_(samples_in(options.speech_pad_ms / 1000)),
      step_(samples_in(options.step_s)),
      longest_(samples_in(options.longest_s)),
      new_stream_(std::move(new_stream)),
      began_at_(std::numeric_limits<double>::quiet_NaN()) {
  if (pad_ < 0 || step_ < 1 || longest_ <= 2 * pad_ || options.min_silence_duration_ms < 100)
    fail(ErrorKind::usage,
         "utterances of at most {} s, heard every {} s, with {} ms of silence around and {} ms to end them "
         "make no sense",
         options.longest_s, options.step_s, options.speech_pad_ms, options.min_silence_duration_ms);
  begin_part();
}

void LiveWindows::begin_part() {
  probabilities_ = new_stream_();
  segmenter_.emplace(activity_);
  part_ = analysed_ = buffer_.end();
}

bool LiveWindows::jumps(const AudioClip& block) const {
  return next_time_ && std::abs(block.seconds_at(0) - *next_time_) > kMostJump;
}

void LiveWindows::push(const AudioClip& block) {
  if (block.length() <= 0) return;
  if (block.sample_rate != kSpeechRate)
    fail(ErrorKind::input, "utterances are found in sound of {} samples a second, not {}; resample it first",
         kSpeechRate, block.sample_rate);
  if (jumps(block)) {
    end_part();
    begin_part();
  }
  buffer_.append(block);
  began_at_ = block.began_at;
  next_time_ = block.seconds_at(block.length());
  analyse();
}

void LiveWindows::finish() { end_part(); }

void LiveWindows::analyse() {
  const int64_t whole = buffer_.end() - (buffer_.end() - analysed_) % kVoiceActivityChunk;
  if (whole > analysed_) {
    const auto probabilities = probabilities_(buffer_.samples(analysed_, whole));
    for (const float probability : probabilities) {
      segmenter_->push(probability);
      analysed_ += kVoiceActivityChunk;
      while (const auto speech = segmenter_->next()) end_utterance(*speech);
      const SpeechSegment speech = segmenter_->certain();
      if (speech.end > 0 && analysed_ - part_ - speech.end >= kPause)
        pause_ = part_ + speech.end + kPause / 2;
    }
  }
  int64_t needed = part_ + segmenter_->undecided_from() - pad_;
  if (!over_.empty()) needed = std::min(needed, over_.front().from);
  buffer_.drop_before(std::min(analysed_, std::max(settled_, needed)));
}

// The sound breaks off: so does what is being said.
void LiveWindows::end_part() {
  segmenter_->finish(buffer_.end() - part_);
  while (const auto speech = segmenter_->next()) end_utterance(*speech);
}

void LiveWindows::end_utterance(const SpeechSegment& speech) {
  const int64_t end = part_ + speech.end;
  over_.push_back({padded_start(part_ + speech.start), std::min(end + pad_, buffer_.end()), end});
}

int64_t LiveWindows::padded_start(int64_t speech) const {
  return std::max({speech - pad_, part_, buffer_.begin()});
}

LiveWindow LiveWindows::cut(int64_t from, int64_t to, UtteranceEnd end) {
  LiveWindow window{.clip = buffer_.clip(from, to), .end = end};
  window.clip.position = given_ = from;
  window.clip.speech = true;
  window.clip.began_at = began_at_;
  settles_ = end == UtteranceEnd::over ? to : settled_;
  heard_ = to;
  return window;
}

std::optional<LiveWindow> LiveWindows::next(bool newest) {
  while (!over_.empty()) {
    const Utterance utterance = over_.front();
    over_.pop_front();
    if (utterance.end <= settled_) continue;  // cut off, and given before
    const int64_t from = std::max(utterance.from, settled_);
    const bool heard_out = heard_ >= std::min(utterance.end + kHeardOut, utterance.until);
    LiveWindow window =
        cut(from, heard_out && heard_ > from ? from : std::max(from, utterance.until), UtteranceEnd::over);
    settles_ = utterance.until;
    heard_ = std::max(heard_, utterance.until);
    return window;
  }
  return next_of_current(newest);
}

std::optional<LiveWindow> LiveWindows::next_of_current(bool newest) {
  const SpeechSegment speech = segmenter_->certain();
  if (speech.end <= speech.start) return std::nullopt;
  const int64_t end = part_ + speech.end, from = std::max(padded_start(part_ + speech.start), settled_);
  if (end <= settled_) return std::nullopt;
  if (analysed_ - from >= longest_) {
    const bool paused = pause_ > from + longest_ / 2;
    return cut(from, paused ? pause_ : analysed_, UtteranceEnd::over);
  }
  if (!newest) return std::nullopt;
  if (analysed_ - end >= kPause)
    return heard_ >= end + kHeardOut ? std::nullopt
                                     : std::optional(cut(from, analysed_, UtteranceEnd::pause));
  if (analysed_ - std::max(heard_, from) < step_) return std::nullopt;
  return cut(from, analysed_, UtteranceEnd::goes_on);
}

void LiveWindows::answered(int64_t samples) { settled_ = std::max({settled_, settles_, given_ + samples}); }

}  // namespace millrace
