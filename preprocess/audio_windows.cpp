#include "preprocess/audio_windows.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {

AudioWindows::AudioWindows(const AudioWindowOptions& options) : options_(options) {
  if (options.samples < 1 || options.context < 0)
    fail(ErrorKind::usage, "windows of {} samples with {} of context make no sense", options.samples,
         options.context);
}

void AudioWindows::push(const AudioClip& block) {
  buffer_.append(block);
  buffer_.drop_before(position_ - options_.context);
}

void AudioWindows::begin_part() {
  if (buffer_.end() > position_) {
    breaks_.push_back(buffer_.end());
  } else {
    position_ = part_begin_ = buffer_.end();
  }
}

bool AudioWindows::ready() const {
  if (position_ >= buffer_.end()) return false;
  return part_is_complete() || buffer_.end() >= position_ + options_.samples + options_.context;
}

AudioClip AudioWindows::window() const {
  if (!ready()) fail(ErrorKind::internal, "a window was asked for before its sound was there");
  const int64_t end = std::min(position_ + options_.samples, part_end());
  const int64_t before = std::min(options_.context, position_ - std::max(part_begin_, buffer_.begin()));
  const int64_t after = std::min(options_.context, part_end() - end);

  AudioClip clip = buffer_.clip(position_, end);
  const auto context = buffer_.samples(position_ - before, position_);
  clip.samples.insert(clip.samples.begin(), context.begin(), context.end());
  clip.context_before = before;
  if (after > 0) {  // where the part ends within the context, silence follows
    const auto following = buffer_.samples(end, end + after);
    clip.samples.insert(clip.samples.end(), following.begin(), following.end());
    clip.samples.resize(clip.samples.size() + static_cast<size_t>(options_.context - after));
    clip.context_after = options_.context;
  }
  clip.last = finished_ && end == buffer_.end();
  return clip;
}

void AudioWindows::seek(int64_t sample) {
  if (sample < position_) fail(ErrorKind::internal, "cannot go back from sample {} to {}", position_, sample);
  position_ = part_is_complete() ? std::min(sample, part_end()) : sample;
  if (!breaks_.empty() && position_ == breaks_.front()) {
    part_begin_ = position_;
    breaks_.pop_front();
  }
  buffer_.drop_before(position_ - options_.context);
}

}  // namespace millrace
