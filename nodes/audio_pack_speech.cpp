#include "nodes/audio_pack_speech.h"

#include <cmath>
#include <optional>

namespace millrace {
namespace {

void give(AudioPackSpeech::State& state, std::optional<AudioClip> clip, Emit<AudioPackSpeech::Out>& emit) {
  if (!clip) return;
  clip->position = state.position;
  state.position += clip->length();
  emit({.clip = std::move(*clip)});
}

}  // namespace

AudioPackSpeech::AudioPackSpeech(const Params& params, Resources&)
    : most_samples_(std::llround(params.seconds * kSpeechRate)) {}

AudioPackSpeech::State AudioPackSpeech::begin() const { return {SpeechPacker(most_samples_)}; }

void AudioPackSpeech::operator()(State& state, const In& in, Emit<Out>& emit) const {
  give(state, state.packer.push(*in.clip), emit);
}

void AudioPackSpeech::flush(State& state, Emit<Out>& emit) const { give(state, state.packer.finish(), emit); }

}  // namespace millrace
