#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "decoders/generation/generation_config.h"
#include "decoders/speech/language_detection.h"
#include "decoders/speech/speech_tokens.h"
#include "decoders/speech/time_map.h"
#include "decoders/speech/transcript.h"
#include "decoders/speech/transcription_options.h"
#include "decoders/speech/window_decoder.h"
#include "decoders/speech/window_segments.h"

namespace millrace {

// A window of at most 30 s that the encoder has heard.
struct EncodedWindow {
  Tensor states;                // [positions, width] float32
  int64_t start_sample = 0;     // where it begins in the sound that is transcribed, at 16 kHz
  int64_t content_samples = 0;  // sound in it; the rest is padding
  bool last = false;            // the sound ends with it
  bool speech = false;          // voice activity found speech in all of it
  TimeMap time;                 // from its samples to the original recording
};

struct WindowResult {
  std::vector<Segment> segments;  // in the original recording's time, never going back
  int64_t consumed_samples = 0;   // the next window begins so far after this one; at least 1
  std::string language;           // that it was decoded in
  double no_speech_prob = 0;
  bool silent = false;          // taken for a window without speech
  std::vector<TokenId> tokens;  // all that were decoded, with timestamps
  bool passed = true;           // the checks: neither too repetitive nor too improbable
  double temperature = 0;       // that it was found at
};

// Whatever else is known of a window that is heard alone.
struct WindowHints {
  std::span<const TokenId> draft;      // tokens that it probably begins with
  std::optional<int64_t> most_tokens;  // that may be written
};

// Whisper's transcription algorithm from encoded windows to segments of text ("Robust Speech Recognition via
// Large-Scale Weak Supervision", section 4.5; openai-whisper's and faster-whisper's transcribe). Immutable: a
// State per recording.
class SpeechTranscriber {
 public:
  struct Parts {
    std::shared_ptr<const TextDecoder> decoder;
    std::shared_ptr<const Tokenizer> tokenizer;
    GenerationConfig generation;
    TranscriptionOptions options;
    const CancelToken* cancel = nullptr;  // outlives the transcriber; Error(interrupted) between two steps
  };
  // Error(model) when the model doesn't write transcripts, Error(usage) for options it can't follow.
  explicit SpeechTranscriber(Parts parts);

  // What is remembered from window to window of one recording.
  struct Memory {
    explicit Memory(const TranscriptionOptions& options)
        : vote(options.language_detection_threshold, options.language_detection_segments) {}
    std::vector<TokenId> previous;  // text given as context
    LanguageVote vote;
    LanguageGuess language;
    int64_t windows = 0;
    int next_id = 0;
    double last_speech = 0;  // end of the last word, in seconds of the sound that is transcribed
    double last_time = 0;    // latest time handed out, in the recording
  };
  struct State : Memory {
    using Memory::Memory;
    std::unique_ptr<DecoderSession> session;
  };
  State begin() const;

  // The sequential algorithm: windows of one recording one after the other, each beginning consumed_samples
  // after the one before, with the text so far as context.
  WindowResult transcribe_window(State& state, const EncodedWindow& window) const;

  // The batched algorithm: windows that were cut beforehand, in order, decoded together and each without the
  // others' text as context; the initial prompt is every window's. All of a window is consumed: text that
  // ends more than a second before its window of speech is taken up again from there.
  std::vector<WindowResult> transcribe_windows(State& state, std::span<const EncodedWindow> windows) const;

  // One window as a whole, in the text so far as context: all of it is consumed, unfinished text is kept.
  WindowResult transcribe_whole(State& state, const EncodedWindow& window, const WindowHints& hints) const;

  const SpeechTokens& tokens() const { return *speech_; }
  const Tokenizer& tokenizer() const { return *parts_.tokenizer; }
  const TranscriptionOptions& options() const { return parts_.options; }

 private:
  enum class Mode { sequential, batched, whole };
  struct Heard;  // a window with what was found in it so far
  std::vector<WindowResult> run(State& state, std::span<const EncodedWindow> windows, Mode mode,
                                const WindowHints& hints = {}) const;
  void hear_tails(State& state, std::span<const EncodedWindow> windows, std::span<const WindowJob> jobs,
                  std::vector<DecodedWindow>& decoded) const;
  void open_session(State& state, std::span<const EncodedWindow> windows) const;
  std::vector<std::string> languages(State& state, size_t windows) const;
  SpeechPrompt prompt(const State& state, const std::string& language, Mode mode) const;
  WindowResult finish(State& state, Heard heard, Mode mode) const;
  bool is_silent(const DecodedWindow& decoded) const;
  void begin_at_timestamps(Heard& heard) const;
  void add_words(const State& state, Heard& heard) const;
  void drop_hallucinations(const State& state, Heard& heard, Mode mode) const;
  std::vector<Segment> report(State& state, const Heard& heard) const;

  Parts parts_;
  std::shared_ptr<const SpeechTokens> speech_;
  WindowDecoder window_decoder_;
  std::vector<TokenId> initial_prompt_, prefix_, hotwords_;
};

}  // namespace millrace
