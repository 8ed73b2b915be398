#include "nodes/speech_transcribe.h"

namespace millrace {

SpeechTranscribe::SpeechTranscribe(const Params& params, Resources& resources)
    : transcriber_(make_transcriber(params.model, params, resources)) {}

void SpeechTranscribe::operator()(State& state, const In& in, Emit<Out>& emit) const {
  state.measured(in.measure);
  WindowResult result = transcriber_->transcribe_window(state.state(), encoded_window(*in.states, *in.clip));
  const int64_t step = result.consumed_samples;
  for (Ref<Segment>& segment : state.add(std::move(result), *in.clip)) emit({.segment = std::move(segment)});
  emit({.step = make_ref(WindowStep{step})});
}

void SpeechTranscribe::flush(State& state, Emit<Out>& emit) const {
  emit({.transcript = make_ref(state.finish())});
}

}  // namespace millrace
