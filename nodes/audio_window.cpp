#include "nodes/audio_window.h"

#include <cmath>

#include "decoders/speech/transcription_options.h"

namespace millrace {
namespace {

void give_next(AudioWindow::State& state, Emit<AudioWindow::Out>& emit) {
  if (state.waiting || state.windows.done() || !state.windows.ready()) return;
  AudioClip clip = state.windows.window();
  clip.position = state.windows.position();
  state.waiting = true;
  emit({.clip = std::move(clip)});
}

}  // namespace

AudioWindow::AudioWindow(const Params& params, Resources&)
    : options_{.samples = std::llround(params.seconds * kSpeechRate)},
      parts_(parse_clip_timestamps(params.clip_timestamps)) {}

AudioWindow::State AudioWindow::begin() const { return {ClipCutter(parts_), AudioWindows(options_)}; }

void AudioWindow::operator()(State& state, const In& in, Emit<Out>& emit) const {
  if (in.clip) {
    for (const ClipCutter::Piece& piece : state.parts.push(*in.clip)) {
      if (piece.begins_part) state.windows.begin_part();
      state.windows.push(piece.clip);
    }
  }
  if (in.step) {
    state.windows.seek(state.windows.position() + in.step->samples);
    state.waiting = false;
  }
  give_next(state, emit);
}

void AudioWindow::flush(State& state, Emit<Out>& emit) const {
  state.windows.finish();
  give_next(state, emit);
}

}  // namespace millrace
