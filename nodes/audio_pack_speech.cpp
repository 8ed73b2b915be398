#include "nodes/audio_pack_speech.h"

#include <cmath>
#include <optional>

#include "decoders/speech/transcription_options.h"

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
    : most_samples_(std::llround(params.seconds * kSpeechRate)),
      parts_(parse_clip_timestamps(params.clip_timestamps)) {}

AudioPackSpeech::State AudioPackSpeech::begin() const {
  return {ClipCutter(parts_), SpeechPacker(most_samples_)};
}

void AudioPackSpeech::operator()(State& state, const In& in, Emit<Out>& emit) const {
  for (ClipCutter::Piece& piece : state.parts.push(*in.clip)) {
    if (piece.begins_part) {
      auto part = state.packer.finish();
      if (part) part->last = false;
      give(state, std::move(part), emit);
    }
    give(state, state.packer.push(std::move(piece.clip)), emit);
  }
}

void AudioPackSpeech::flush(State& state, Emit<Out>& emit) const { give(state, state.packer.finish(), emit); }

}  // namespace millrace
