#pragma once
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace millrace {

constexpr int64_t kVoiceActivityChunk = 512;  // samples of 16 kHz sound that one probability stands for

// Where speech that goes on for too long is cut.
enum class LongSpeechCut : uint8_t {
  last_silence,    // as faster-whisper does
  longest_silence  // as Silero's get_speech_timestamps does since version 6
};

// Names and defaults are those of faster-whisper 1.2.1's VadOptions.
struct VoiceActivityOptions {
  double threshold = 0.5;  // a chunk at least this probable begins speech
  std::optional<double>
      neg_threshold;  // one below this may end it; threshold - 0.15 (at least 0.01) unless given
  double min_speech_duration_ms = 0;                                       // shorter speech is dropped
  double max_speech_duration_s = std::numeric_limits<double>::infinity();  // longer speech is cut
  double min_silence_duration_ms = 2000;  // shorter silence does not end speech
  double speech_pad_ms = 400;             // kept around speech; half of the silence where that is less
  LongSpeechCut cut = LongSpeechCut::last_silence;
};

struct SpeechSegment {
  int64_t start = 0, end = 0;  // samples of the recording, end excluded
  bool operator==(const SpeechSegment&) const = default;
};

// From probabilities, chunk by chunk, to segments of speech: the same ones that faster-whisper's and Silero's
// get_speech_timestamps find when they see the whole recording. Remembers no more than the undecided.
class SpeechSegmenter {
 public:
  explicit SpeechSegmenter(
      const VoiceActivityOptions& options);  // Error(usage) for values that make no sense

  void push(double probability);  // of the next chunk
  void finish(int64_t recording_samples);

  // The next segment that nothing can change any more, in order.
  std::optional<SpeechSegment> next();

  // For passing speech on before it ends: the certain part of the segment after those that next() gives,
  // empty where nothing is certain. Its start is final; its end grows. Only without a maximum duration: that
  // cuts in retrospect.
  SpeechSegment certain() const;
  // No segment that next() has not given yet starts before this sample.
  int64_t undecided_from() const;
  // Samples of the speech that is going on, so far and without padding; 0 in silence.
  int64_t current_speech() const;
  // Nobody speaks, and nothing of what was said is undecided.
  bool idle() const { return !start_ && !ended_ && decided_.empty(); }

 private:
  void begin_speech(int64_t sample);
  void accept_speech();  // the current speech will be a segment: its start is settled
  void end_speech(int64_t sample);
  void drop_speech();
  void cut_long_speech(int64_t now);
  void settle();

  double threshold_, neg_threshold_;
  double min_speech_, max_speech_, min_silence_, pad_;  // samples
  LongSpeechCut cut_;

  int64_t position_ = 0;                   // the first sample not seen yet
  bool triggered_ = false;                 // in speech
  std::optional<int64_t> start_;           // of the current speech, without padding
  std::optional<int64_t> accepted_start_;  // the same with padding, once it is certain to be a segment
  std::optional<SpeechSegment> ended_;     // the speech before: its end still without padding
  int64_t silence_start_ = 0;              // of the silence within the current speech; 0: none
  int64_t cut_end_ = 0, cut_start_ = 0;    // where the current speech may be cut: a silence's start and end
  std::vector<std::pair<int64_t, int64_t>> silences_;  // of the current speech: start and length
  std::deque<SpeechSegment> decided_;
};

}  // namespace millrace
