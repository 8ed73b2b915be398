#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/stream_gap.h"
#include "base/tensor.h"
#include "decoders/speech/live_transcriber.h"
#include "decoders/speech/transcript.h"
#include "graph/packet.h"
#include "preprocess/audio_clip.h"

// What travels along the edges of the shipped pipelines, beside the types of the libraries themselves.
namespace millrace {

// What only a look at a whole recording tells.
struct RecordingMeasure {
  std::optional<float> loudest;   // log10 of the largest mel power; none for what can be read only once
  std::optional<double> seconds;  // of the whole recording
};

struct LogMelFrames {
  Tensor values;  // [bands, frames] float32
};

struct EncoderStates {
  Tensor values;  // [positions, width] float32
};

// Where the next window begins, in samples after the beginning of this one.
struct WindowStep {
  int64_t samples = 0;
};

// What goes with a window of an utterance that is being spoken.
struct UtteranceWindow {
  UtteranceEnd end = UtteranceEnd::goes_on;
  std::vector<StreamGap> gaps;  // of the stream, before the window
};

template <>
struct PacketTime<AudioClip> {
  static double seconds(const AudioClip& clip) { return clip.seconds_at(0); }
  static double captured_at(const AudioClip& clip) { return clip.began_at + clip.seconds_at(clip.length()); }
};
template <>
struct PacketTime<StreamGap> {
  static double seconds(const StreamGap& gap) { return gap.start; }
};
template <>
struct PacketTime<PartialText> {
  static double seconds(const PartialText& text) { return text.start; }
};
template <>
struct PacketTime<Segment> {
  static double seconds(const Segment& segment) { return segment.start; }
};

}  // namespace millrace
