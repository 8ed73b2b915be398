#include "preprocess/audio_buffer.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

// Adds a span unless the one before goes on into it without a gap.
void add_span(std::vector<TimeSpan>& spans, const TimeSpan& span, int sample_rate) {
  if (!spans.empty()) {
    const TimeSpan& before = spans.back();
    const double expected =
        before.seconds + static_cast<double>(span.first_sample - before.first_sample) / sample_rate;
    if (std::abs(span.seconds - expected) * sample_rate < 0.5) return;
    if (before.first_sample == span.first_sample) spans.pop_back();
  }
  spans.push_back(span);
}

// The spans of a clip's own samples, the first at sample 0.
std::vector<TimeSpan> spans_of(const AudioClip& clip) {
  std::vector<TimeSpan> spans{{0, clip.seconds_at(0)}};
  for (const TimeSpan& span : clip.spans)
    if (span.first_sample > 0 && span.first_sample < clip.length()) spans.push_back(span);
  return spans;
}

}  // namespace

void AudioBuffer::append(const AudioClip& clip) {
  if (clip.length() <= 0) return;
  if (end() != 0 && clip.sample_rate != sample_rate_)
    fail(ErrorKind::internal, "the sample rate changes from {} to {} within a recording", sample_rate_,
         clip.sample_rate);
  sample_rate_ = clip.sample_rate;
  for (const TimeSpan& span : spans_of(clip))
    add_span(spans_, {end() + span.first_sample, span.seconds}, sample_rate_);
  const float* from = clip.samples.data() + clip.context_before;
  samples_.insert(samples_.end(), from, from + clip.length());
}

void AudioBuffer::drop_before(int64_t sample) {
  sample = std::min(sample, end());
  if (sample <= begin_) return;
  samples_.erase(samples_.begin(), samples_.begin() + (sample - begin_));
  begin_ = sample;
  // The span that `sample` lies in stays.
  const auto after = std::upper_bound(spans_.begin(), spans_.end(), sample,
                                      [](int64_t s, const TimeSpan& span) { return s < span.first_sample; });
  if (after - spans_.begin() > 1) spans_.erase(spans_.begin(), after - 1);
}

std::span<const float> AudioBuffer::samples(int64_t from, int64_t to) const {
  if (from < begin_ || to < from || to > end())
    fail(ErrorKind::internal, "samples {} to {} were asked for, but {} to {} are here", from, to, begin_,
         end());
  return {samples_.data() + (from - begin_), static_cast<size_t>(to - from)};
}

double AudioBuffer::seconds_at(int64_t sample) const {
  AudioClip whole;
  whole.sample_rate = sample_rate_;
  whole.spans = spans_;
  return whole.seconds_at(sample);
}

AudioClip AudioBuffer::clip(int64_t from, int64_t to) const {
  const auto part = samples(from, to);
  AudioClip clip;
  clip.sample_rate = sample_rate_;
  clip.samples.assign(part.begin(), part.end());
  clip.spans = {{0, seconds_at(from)}};
  for (const TimeSpan& span : spans_)
    if (span.first_sample > from && span.first_sample < to)
      clip.spans.push_back({span.first_sample - from, span.seconds});
  return clip;
}

void append_clip(AudioClip& clip, const AudioClip& more) {
  if (more.length() <= 0) return;
  const int64_t length = clip.length();
  clip.samples.resize(static_cast<size_t>(clip.context_before + length));
  clip.context_after = 0;
  clip.speech = clip.speech && more.speech;
  for (const TimeSpan& span : spans_of(more))
    add_span(clip.spans, {length + span.first_sample, span.seconds}, clip.sample_rate);
  const auto begin = more.samples.begin() + more.context_before;
  clip.samples.insert(clip.samples.end(), begin, begin + more.length());
}

}  // namespace millrace
