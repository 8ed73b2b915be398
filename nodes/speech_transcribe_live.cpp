#include "nodes/speech_transcribe_live.h"

#include <utility>

#include "nodes/transcription.h"

namespace millrace {

SpeechTranscribeLive::SpeechTranscribeLive(const Params& params, Resources& resources)
    : transcriber_(std::make_shared<const LiveTranscriber>(
          transcriber_parts(params.model, params, resources),
          LiveTranscriber::Options{.settle_after_s = params.settle_after,
                                   .context_tokens = params.context_tokens})),
      clock_(resources.find<StreamClock>()) {
  if (!clock_) clock_ = std::make_shared<SystemClock>();
}

// Not a number for what is not live: began_at is none then.
double SpeechTranscribeLive::latency(const AudioClip& clip, double seconds) const {
  return clock_->now() - (clip.began_at + seconds);
}

void SpeechTranscribeLive::operator()(State& state, const In& in, Emit<Out>& emit) const {
  for (const StreamGap& gap : in.window->gaps) emit({.gap = make_ref(gap)});
  LiveText text = transcriber_->hear(state, encoded_window(*in.states, *in.clip), in.window->end);
  for (Segment& segment : text.segments) {
    segment.latency = latency(*in.clip, segment.end);
    emit({.segment = make_ref(std::move(segment))});
  }
  if (text.partial) {
    text.partial->latency = latency(*in.clip, text.partial->end);
    emit({.partial = make_ref(*std::move(text.partial))});
  }
  if (in.window->end == UtteranceEnd::pause) transcriber_->anticipate(state);
  emit({.step = make_ref(WindowStep{text.settled_samples})});
}

}  // namespace millrace
