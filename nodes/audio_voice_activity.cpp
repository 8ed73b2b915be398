#include "nodes/audio_voice_activity.h"

#include "preprocess/energy_gate.h"

namespace millrace {

AudioVoiceActivity::AudioVoiceActivity(const Params& params, Resources&)
    : method_(params.method),
      options_{.threshold = params.threshold,
               .neg_threshold = params.neg_threshold,
               .min_speech_duration_ms = params.min_speech_duration_ms,
               .max_speech_duration_s =
                   params.max_speech_duration_s.value_or(std::numeric_limits<double>::infinity()),
               .min_silence_duration_ms = params.min_silence_duration_ms,
               .speech_pad_ms = params.speech_pad_ms} {
  if (method_ == Method::silero) network_ = std::make_shared<const VoiceActivityNetwork>();
}

AudioVoiceActivity::State AudioVoiceActivity::begin() const {
  if (method_ == Method::none) return {};
  SpeechProbabilities probabilities = EnergyGate();
  if (network_)
    probabilities = [network = network_, state = VoiceActivityNetwork::State()](
                        std::span<const float> samples) mutable { return (*network)(state, samples); };
  return {std::make_unique<SpeechCutter>(options_, std::move(probabilities))};
}

void AudioVoiceActivity::operator()(State& state, const In& in, Emit<Out>& emit) const {
  if (!state.cutter) return emit({.clip = *in.clip});
  for (AudioClip& clip : state.cutter->push(*in.clip)) emit({.clip = std::move(clip)});
}

void AudioVoiceActivity::flush(State& state, Emit<Out>& emit) const {
  if (!state.cutter) return;
  for (AudioClip& clip : state.cutter->finish()) emit({.clip = std::move(clip)});
}

}  // namespace millrace
