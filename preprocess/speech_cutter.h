#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "preprocess/audio_buffer.h"
#include "preprocess/audio_clip.h"
#include "preprocess/speech_segmenter.h"

namespace millrace {

// One probability of speech for every kVoiceActivityChunk samples of the recording's next 16 kHz sound. It
// remembers what it needs of the recording: one for each.
using SpeechProbabilities = std::function<std::vector<float>(std::span<const float>)>;

// Leaves only the speech of a recording. What comes out keeps its time in the recording, and what is held
// back is bounded by the options' durations, never by the length of the recording.
class SpeechCutter {
 public:
  // Error(usage) for options that make no sense.
  SpeechCutter(const VoiceActivityOptions& options, SpeechProbabilities probabilities);

  // Takes the recording's next block and gives the speech that is certain by now, in order. Without a maximum
  // duration speech comes out as it goes on; with one, a segment at a time.
  std::vector<AudioClip> push(const AudioClip& block);
  // At the recording's end: the rest. Its last clip is marked as the last.
  std::vector<AudioClip> finish();

  int64_t samples_in() const { return buffer_.end(); }
  int64_t samples_out() const { return samples_out_; }
  // Samples of the speech that is going on, as far as it has been looked at; 0 in silence.
  int64_t current_speech() const { return segmenter_.current_speech(); }
  bool idle() const { return segmenter_.idle(); }  // nobody speaks, and all that was said has come out

 private:
  void analyse(int64_t to);
  void give(const SpeechSegment& segment, std::vector<AudioClip>& out);
  void give_decided(std::vector<AudioClip>& out);

  SpeechSegmenter segmenter_;
  SpeechProbabilities probabilities_;
  AudioBuffer buffer_;
  int64_t analysed_ = 0;  // samples that probabilities_ has seen
  int64_t given_ = 0;     // speech up to here has come out
  int64_t samples_out_ = 0;
};

// Puts segments of speech together into clips as long as a model takes, as faster-whisper's collect_chunks
// does.
class SpeechPacker {
 public:
  explicit SpeechPacker(int64_t most_samples) : most_(most_samples) {}

  // The clip that is full because `segment` has no place in it.
  std::optional<AudioClip> push(AudioClip segment);
  std::optional<AudioClip> finish();  // the rest, marked as the last

 private:
  int64_t most_;
  std::optional<AudioClip> clip_;
};

}  // namespace millrace
