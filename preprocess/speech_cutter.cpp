#include "preprocess/speech_cutter.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace millrace {

SpeechCutter::SpeechCutter(const VoiceActivityOptions& options, SpeechProbabilities probabilities)
    : segmenter_(options), probabilities_(std::move(probabilities)) {}

std::vector<AudioClip> SpeechCutter::push(const AudioClip& block) {
  if (block.sample_rate != kSpeechRate)
    fail(ErrorKind::input,
         "voice activity is found in sound of {} samples a second, not {}; resample it first", kSpeechRate,
         block.sample_rate);
  buffer_.append(block);
  analyse(buffer_.end() - (buffer_.end() - analysed_) % kVoiceActivityChunk);
  std::vector<AudioClip> speech;
  give_decided(speech);
  give(segmenter_.certain(), speech);
  buffer_.drop_before(std::min(analysed_, std::max(given_, segmenter_.undecided_from())));
  return speech;
}

std::vector<AudioClip> SpeechCutter::finish() {
  const int64_t length = buffer_.end();
  if (analysed_ < length) {  // the last chunk is filled up with silence
    const auto rest = buffer_.samples(analysed_, length);
    std::vector<float> chunk(rest.begin(), rest.end());
    chunk.resize(static_cast<size_t>(kVoiceActivityChunk));
    for (const float probability : probabilities_(chunk)) segmenter_.push(probability);
    analysed_ = length;
  }
  segmenter_.finish(length);
  std::vector<AudioClip> speech;
  give_decided(speech);
  buffer_.drop_before(length);
  if (!speech.empty()) speech.back().last = true;
  return speech;
}

void SpeechCutter::analyse(int64_t to) {
  if (to == analysed_) return;
  const auto probabilities = probabilities_(buffer_.samples(analysed_, to));
  if (static_cast<int64_t>(probabilities.size()) * kVoiceActivityChunk != to - analysed_)
    fail(ErrorKind::internal, "{} probabilities were made of {} samples", probabilities.size(),
         to - analysed_);
  for (const float probability : probabilities) segmenter_.push(probability);
  analysed_ = to;
}

void SpeechCutter::give_decided(std::vector<AudioClip>& out) {
  while (const auto segment = segmenter_.next()) give(*segment, out);
}

// What has not come out of the segment yet, as far as it is here.
void SpeechCutter::give(const SpeechSegment& segment, std::vector<AudioClip>& out) {
  const int64_t from = std::max(segment.start, given_), to = std::min(segment.end, buffer_.end());
  if (from >= to) return;
  out.push_back(buffer_.clip(from, to));
  out.back().speech = true;
  given_ = to;
  samples_out_ += to - from;
}

std::optional<AudioClip> SpeechPacker::push(AudioClip segment) {
  segment.last = false;
  if (!clip_) {
    clip_ = std::move(segment);
    return std::nullopt;
  }
  if (clip_->length() + segment.length() > most_) return std::exchange(clip_, std::move(segment));
  append_clip(*clip_, segment);
  return std::nullopt;
}

std::optional<AudioClip> SpeechPacker::finish() {
  if (clip_) clip_->last = true;
  return std::exchange(clip_, std::nullopt);
}

}  // namespace millrace
