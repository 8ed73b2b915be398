#include "preprocess/speech_segmenter.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "preprocess/audio_clip.h"

namespace millrace {
namespace {

constexpr double kSamplesPerMs = kSpeechRate / 1000.0;
constexpr double kCutSilence = 98 * kSamplesPerMs;  // long speech is not cut in shorter silences

void check(bool good, const char* name, double value, const char* allowed) {
  if (!good) fail(ErrorKind::usage, "{} is {}, but {}", name, value, allowed);
}

}  // namespace

SpeechSegmenter::SpeechSegmenter(const VoiceActivityOptions& options)
    : threshold_(options.threshold),
      neg_threshold_(options.neg_threshold.value_or(std::max(options.threshold - 0.15, 0.01))),
      min_speech_(options.min_speech_duration_ms * kSamplesPerMs),
      max_speech_(options.max_speech_duration_s * kSpeechRate - kVoiceActivityChunk -
                  2 * options.speech_pad_ms * kSamplesPerMs),
      min_silence_(options.min_silence_duration_ms * kSamplesPerMs),
      pad_(options.speech_pad_ms * kSamplesPerMs),
      cut_(options.cut) {
  constexpr double kDayMs = 24 * 3600e3;
  const auto duration = [](double ms) { return ms >= 0 && ms <= kDayMs; };
  check(threshold_ > 0 && threshold_ <= 1, "threshold", threshold_, "it lies between 0 and 1");
  check(neg_threshold_ >= 0 && neg_threshold_ <= threshold_, "neg_threshold", neg_threshold_,
        "it lies between 0 and threshold");
  check(duration(options.min_speech_duration_ms), "min_speech_duration_ms", options.min_speech_duration_ms,
        "it is at least 0 and at most a day");
  check(duration(options.min_silence_duration_ms), "min_silence_duration_ms", options.min_silence_duration_ms,
        "it is at least 0 and at most a day");
  check(duration(options.speech_pad_ms), "speech_pad_ms", options.speech_pad_ms,
        "it is at least 0 and at most a day");
  check(max_speech_ > 0, "max_speech_duration_s", options.max_speech_duration_s,
        "it must be longer than twice speech_pad_ms and 32 ms");
}

void SpeechSegmenter::push(double probability) {
  const int64_t now = position_;
  position_ += kVoiceActivityChunk;
  const bool speech = probability >= threshold_;

  if (speech && silence_start_ != 0) {  // speech again, after a silence too short to end it
    if (static_cast<double>(now - silence_start_) > kCutSilence)
      silences_.emplace_back(silence_start_, now - silence_start_);
    silence_start_ = 0;
    if (cut_start_ < cut_end_) cut_start_ = now;
  }
  if (speech && !triggered_) {
    begin_speech(now);
    return settle();
  }
  if (triggered_ && static_cast<double>(now - *start_) > max_speech_) {
    cut_long_speech(now);
    if (!start_) return settle();
  }
  if (triggered_ && probability < neg_threshold_) {
    if (silence_start_ == 0) silence_start_ = now;
    const auto silence = static_cast<double>(now - silence_start_);
    if (silence > kCutSilence && cut_ == LongSpeechCut::last_silence) cut_end_ = silence_start_;
    if (silence >= min_silence_) {
      if (static_cast<double>(silence_start_ - *start_) > min_speech_)
        end_speech(silence_start_);
      else
        drop_speech();
    }
  }
  settle();
}

void SpeechSegmenter::begin_speech(int64_t sample) {
  triggered_ = true;
  start_ = sample;
}

// Speech has reached the maximum: it ends at a silence, and what came after that is speech of its own; or
// right here.
void SpeechSegmenter::cut_long_speech(int64_t now) {
  int64_t end = now;
  std::optional<int64_t> restart;
  if (cut_ == LongSpeechCut::longest_silence && !silences_.empty()) {
    const auto longest = std::ranges::max_element(silences_, {}, &std::pair<int64_t, int64_t>::second);
    end = longest->first;
    restart = longest->first + longest->second;
  } else if (cut_end_ != 0) {
    end = cut_end_;
    if (cut_start_ >= cut_end_) restart = cut_start_;
  }
  end_speech(end);
  if (restart) begin_speech(*restart);
}

void SpeechSegmenter::accept_speech() {
  if (accepted_start_) return;
  accepted_start_ = static_cast<int64_t>(std::max(0.0, static_cast<double>(*start_) - pad_));
  if (!ended_) return;
  const int64_t silence = *start_ - ended_->end;
  if (static_cast<double>(silence) < 2 * pad_) {  // each takes half of what lies between
    ended_->end += silence / 2;
    accepted_start_ = std::max<int64_t>(0, *start_ - silence / 2);
  } else {
    ended_->end = static_cast<int64_t>(static_cast<double>(ended_->end) + pad_);
  }
  decided_.push_back(*ended_);
  ended_.reset();
}

void SpeechSegmenter::end_speech(int64_t sample) {
  accept_speech();
  ended_ = SpeechSegment{*accepted_start_, sample};
  drop_speech();
}

void SpeechSegmenter::drop_speech() {
  triggered_ = false;
  start_.reset();
  accepted_start_.reset();
  silence_start_ = cut_end_ = cut_start_ = 0;
  silences_.clear();
}

// Decides what later chunks cannot change.
void SpeechSegmenter::settle() {
  if (ended_) {
    // The recording goes on to here at least, so padding that ends before need not ask for its length.
    const int64_t next_start = start_.value_or(position_ - kVoiceActivityChunk);
    if (static_cast<double>(next_start - ended_->end) >= 2 * pad_) {
      ended_->end = static_cast<int64_t>(static_cast<double>(ended_->end) + pad_);
      decided_.push_back(*ended_);
      ended_.reset();
    }
  }
  if (std::isinf(max_speech_) && static_cast<double>(current_speech()) > min_speech_) accept_speech();
}

void SpeechSegmenter::finish(int64_t recording_samples) {
  if (start_ && static_cast<double>(recording_samples - *start_) > min_speech_) end_speech(recording_samples);
  drop_speech();
  if (!ended_) return;
  ended_->end = static_cast<int64_t>(
      std::min(static_cast<double>(recording_samples), static_cast<double>(ended_->end) + pad_));
  decided_.push_back(*ended_);
  ended_.reset();
}

std::optional<SpeechSegment> SpeechSegmenter::next() {
  if (decided_.empty()) return std::nullopt;
  const SpeechSegment segment = decided_.front();
  decided_.pop_front();
  return segment;
}

SpeechSegment SpeechSegmenter::certain() const {
  if (!decided_.empty() || !std::isinf(max_speech_)) return {};
  if (ended_) return *ended_;
  if (!accepted_start_) return {};
  return {*accepted_start_, silence_start_ != 0 ? silence_start_ : position_ - kVoiceActivityChunk};
}

int64_t SpeechSegmenter::current_speech() const {
  if (!start_) return 0;
  return (silence_start_ != 0 ? silence_start_ : position_ - kVoiceActivityChunk) - *start_;
}

int64_t SpeechSegmenter::undecided_from() const {
  if (!decided_.empty()) return decided_.front().start;
  if (ended_) return ended_->start;
  if (accepted_start_) return *accepted_start_;
  return static_cast<int64_t>(std::max(0.0, static_cast<double>(start_.value_or(position_)) - pad_));
}

}  // namespace millrace
