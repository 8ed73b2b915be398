#include "nodes/talk_transcribe.h"

#include "decoders/speech/strip.h"

namespace millrace {

void TalkTranscribe::operator()(State& state, const In& in, Emit<Out>& emit) const {
  const EncodedWindow window = encoded_window(*in.states, *in.clip);
  const auto results = transcriber_->transcribe_windows(state.transcriber, {&window, 1});
  Heard heard{.text = {}, .language = {}, .began_at = in.clip->began_at, .utterance = *in.utterance};
  for (const WindowResult& result : results) {
    heard.language = result.language;
    for (const Segment& segment : result.segments) heard.text += segment.text;
  }
  heard.text = std::string(strip(heard.text));
  emit({.heard = std::move(heard)});
}

}  // namespace millrace
