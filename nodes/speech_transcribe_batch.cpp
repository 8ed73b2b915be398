#include "nodes/speech_transcribe_batch.h"

namespace millrace {

SpeechTranscribeBatch::SpeechTranscribeBatch(const Params& params, Resources& resources)
    : windows_(static_cast<size_t>(params.windows)),
      transcriber_(make_transcriber(params.model, params, resources)) {}

void SpeechTranscribeBatch::operator()(State& state, const In& in, Emit<Out>& emit) const {
  state.transcription.measured(in.measure);
  state.waiting.push_back(in);
  if (state.waiting.size() >= windows_) transcribe(state, emit);
}

void SpeechTranscribeBatch::flush(State& state, Emit<Out>& emit) const {
  if (!state.waiting.empty()) transcribe(state, emit);
  emit({.transcript = make_ref(state.transcription.finish())});
}

void SpeechTranscribeBatch::transcribe(State& state, Emit<Out>& emit) const {
  std::vector<EncodedWindow> windows;
  for (const In& in : state.waiting) windows.push_back(encoded_window(*in.states, *in.clip));
  std::vector<WindowResult> results = transcriber_->transcribe_windows(state.transcription.state(), windows);
  for (size_t i = 0; i < results.size(); ++i)
    for (Ref<Segment>& segment : state.transcription.add(std::move(results[i]), *state.waiting[i].clip))
      emit({.segment = std::move(segment)});
  state.waiting.clear();
}

}  // namespace millrace
