#include "devices/microphone.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/log.h"

namespace millrace {
namespace {

// Seconds.
constexpr double kShortestWait = 0.005, kLongestWait = 0.1;  // between two looks for sound
constexpr double kLost = 0.6;                                // without sound: the device is lost
constexpr double kFirstSound = 2;                            // that a device may take to begin
constexpr double kTryAgain = 0.3;
constexpr double kSettling = 2;
constexpr double kShortestGap = 0.001;

}  // namespace

Microphone::Microphone(std::string name, SoundDeviceOpener open, std::shared_ptr<StreamClock> clock,
                       std::shared_ptr<const CancelToken> stop)
    : name_(std::move(name)),
      open_(std::move(open)),
      clock_(std::move(clock)),
      stop_(std::move(stop)),
      began_at_(clock_->now()) {
  start(open_());
}

void Microphone::start(std::unique_ptr<SoundDevice> device) {
  retire();
  device_ = std::move(device);
  ring_ = device_->ring();
  sound_.reset();
  read_.resize(static_cast<size_t>(ring_->rate() / 10 + 1) * static_cast<size_t>(ring_->channels()));
  silence_ = SilenceWatch(int64_t{ring_->rate()} * ring_->channels());
  frame_ = skipped_ = timed_ = looked_for_ = 0;
  told_of_loss_ = false;
  quiet_ = 0;
  looked_at_ = clock_->now();
  capture_time_.restart();
}

// What the device wrote before can still be read.
void Microphone::stop_device() {
  if (!device_) return;
  device_.reset();
  counts_.captured += ring_->captured();
}

// Nothing more is read of what the last device captured.
void Microphone::retire() {
  stop_device();
  if (ring_) counts_.dropped += ring_->lost() + ring_->waiting();
  ring_.reset();
}

StreamCounts Microphone::finish() {
  retire();
  ended_ = true;
  return counts_;
}

std::optional<LiveSound> Microphone::next() {
  while (!ended_) {
    if (!ending_ && stop_ && stop_->cancelled()) {
      ending_ = true;
      stop_device();
    }
    if (auto given = ending_ ? end() : device_ ? listen() : wait_for_return()) return given;
  }
  return std::nullopt;
}

std::optional<LiveSound> Microphone::listen() {
  const bool working = device_->working();  // before the look: nothing comes after it if not
  if (!sound_ && !std::isnan(ring_->zero_at())) return begin_sound();
  if (sound_) {
    if (auto clip = sound_->block()) return with(std::move(clip));
    keep_time();
    if (const double missing = capture_time_.missing(); missing > 0 && settling()) {
      capture_time_.restart();
    } else if (missing > 0) {
      log::warning("{}: the device left out {:.1f} s of sound", name_, missing);
      auto given = skip(missing, "the device left out sound");
      base_ += missing;
      counts_.seconds_away += missing;
      capture_time_.restart();
      return given;
    }
    if (const int64_t lost = ring_->take_loss()) return skip_lost(lost);
    if (read_some()) return std::nullopt;
  }
  if (!working) return lose("the device is lost");
  if (gone()) return lose("the device gives no sound");
  const double block = static_cast<double>(kLiveBlock) / kSpeechRate;
  const double wait = block - static_cast<double>(ring_->waiting()) / ring_->rate();
  clock_->wait_until(clock_->now() + std::clamp(wait, kShortestWait, kLongestWait), stop_.get());
  return std::nullopt;
}

// The device's first sound has come, and with it the end of the gap before.
std::optional<LiveSound> Microphone::begin_sound() {
  if (away_.empty())
    began_at_ = ring_->zero_at();
  else
    base_ = std::max(away_from_, ring_->zero_at() - began_at_);
  sound_.emplace(ring_->rate(), ring_->channels(), base_);
  if (away_.empty()) return std::nullopt;
  log::info("{}: is back, {:.1f} s into the stream", name_, base_);
  auto gap = away_until(base_);
  away_.clear();
  if (!gap) return std::nullopt;
  return with(std::nullopt, std::move(gap));
}

bool Microphone::read_some() {
  const int64_t got = ring_->read(read_.data(), std::ssize(read_) / ring_->channels());
  if (got == 0) return false;
  frame_ += got;
  counts_.processed += got;
  sound_->push(read_.data(), got);
  if (silence_.add(read_.data(), got * ring_->channels()))
    log::warning("{}: gives nothing but zeros; is it muted?", name_);
  return true;
}

void Microphone::keep_time() {
  const int64_t captured = ring_->captured();
  if (captured == timed_) return;
  timed_ = captured;
  capture_time_.observe(ring_->zero_at() - base_, clock_->now());
  began_at_ = capture_time_.zero_at();
  if (told_of_loss_ || ring_->lost() == skipped_) return;
  told_of_loss_ = true;
  log::warning("{}: sound comes faster than it is taken; some is lost", name_);
}

// Goes on `seconds` later in the stream.
LiveSound Microphone::skip(double seconds, const std::string& why) {
  StreamGap gap{.start = reached(), .seconds = seconds, .why = why};
  auto given = with(sound_->rest(), gap);
  sound_.emplace(ring_->rate(), ring_->channels(), gap.start + seconds);
  return given;
}

LiveSound Microphone::skip_lost(int64_t frames) {
  auto given = skip(static_cast<double>(frames) / ring_->rate(), "sound came faster than it was taken");
  frame_ += frames;
  skipped_ += frames;
  told_of_loss_ = false;
  return given;
}

// Whether the device has stopped giving sound. Whoever asks may himself have been away since the last look.
bool Microphone::gone() {
  const double now = clock_->now();
  const int64_t captured = ring_->captured();
  quiet_ = captured == looked_for_ ? quiet_ + std::min(now - looked_at_, kLongestWait) : 0;
  looked_for_ = captured;
  looked_at_ = now;
  return quiet_ >= (sound_ ? kLost : kFirstSound);
}

std::optional<LiveSound> Microphone::lose(const std::string& why) {
  stop_device();
  next_try_ = clock_->now() + kTryAgain;
  std::optional<AudioClip> clip;
  if (sound_) {
    while (read_some()) {
    }
    clip = sound_->rest();
    away_from_ = reached();
    sound_.reset();
  }
  if (!away_.empty()) return std::nullopt;  // it had only seemed to come back
  away_ = why;
  log::warning("{}: {}; going on when it is back", name_, why);
  auto gap = away_until(stream_now());
  if (!clip && !gap) return std::nullopt;
  return with(std::move(clip), std::move(gap));
}

std::optional<LiveSound> Microphone::wait_for_return() {
  if (!clock_->wait_until(next_try_, stop_.get())) return std::nullopt;
  try {
    start(open_());
  } catch (const Error& error) {
    log::debug("{}: {}", name_, error.what());
    next_try_ = clock_->now() + kTryAgain;
  }
  return std::nullopt;
}

// Devices have other delays at first than later: then the stream's beginning is found better, nothing is
// lost.
bool Microphone::settling() const { return frame_ < kSettling * ring_->rate(); }

double Microphone::reached() const { return base_ + static_cast<double>(frame_) / ring_->rate(); }

LiveSound Microphone::with(std::optional<AudioClip> clip, std::optional<StreamGap> gap) const {
  if (clip) clip->began_at = began_at_;
  return {.clip = std::move(clip), .gap = std::move(gap)};
}

// The part of the gap that has passed, if that is anything.
std::optional<StreamGap> Microphone::away_until(double seconds) {
  StreamGap gap{.start = away_from_, .seconds = seconds - away_from_, .why = away_};
  if (gap.seconds < kShortestGap) return std::nullopt;
  away_from_ = seconds;
  counts_.seconds_away += gap.seconds;
  return gap;
}

// What waited when the stream was told to end, and then what is left.
std::optional<LiveSound> Microphone::end() {
  if (!sound_ && ring_->waiting() > 0)
    if (auto back = begin_sound()) return back;
  if (sound_) {
    if (auto clip = sound_->block()) return with(std::move(clip));
    if (read_some()) return std::nullopt;
    if (const int64_t lost = ring_->take_loss(true)) return skip_lost(lost);
  }
  ended_ = true;
  std::optional<AudioClip> clip;
  if (sound_) clip = sound_->rest();
  if (clip) clip->last = true;
  auto gap = away_.empty() ? std::nullopt : away_until(stream_now());
  if (!clip && !gap) return std::nullopt;
  return with(std::move(clip), std::move(gap));
}

}  // namespace millrace
