#include "nodes/audio_window.h"

#include <cmath>

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
    : options_{.samples = std::llround(params.seconds * kSpeechRate)} {}

AudioWindow::State AudioWindow::begin() const { return {AudioWindows(options_)}; }

void AudioWindow::operator()(State& state, const In& in, Emit<Out>& emit) const {
  if (in.clip) state.windows.push(*in.clip);
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
