#include "nodes/audio_voice_activity.h"

namespace millrace {

AudioVoiceActivity::AudioVoiceActivity(const Params& params, Resources&)
    : options_{.threshold = params.threshold,
               .neg_threshold = params.neg_threshold,
               .min_speech_duration_ms = params.min_speech_duration_ms,
               .max_speech_duration_s =
                   params.max_speech_duration_s.value_or(std::numeric_limits<double>::infinity()),
               .min_silence_duration_ms = params.min_silence_duration_ms,
               .speech_pad_ms = params.speech_pad_ms} {
  if (params.method == Method::none) return;
  detector_.emplace(params.method == Method::silero ? SpeechDetector::Method::silero
                                                    : SpeechDetector::Method::energy);
}

AudioVoiceActivity::State AudioVoiceActivity::begin() const {
  if (!detector_) return {};
  return {std::make_unique<SpeechCutter>(options_, detector_->new_stream())};
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
