#include "nodes/audio_microphone.h"

#include "base/log.h"

namespace millrace {

AudioMicrophone::AudioMicrophone(const Params& params, Resources& resources)
    : account_(resources.find<SoundAccount>()) {
  options_.rate = static_cast<int>(params.rate);
  options_.channels = static_cast<int>(params.channels);
  options_.file.headerless = {.format = params.pcm_format.value_or(PcmFormat::s16le),
                              .sample_rate = params.rate > 0 ? options_.rate : kSpeechRate,
                              .channels = options_.channels};
  if (params.pcm_format) options_.file.raw = options_.file.headerless;
  if (const auto given = resources.find<AudioOpener>()) {
    opener_ = *given;
    return;
  }
  auto clock = resources.find<StreamClock>();
  if (!clock) clock = std::make_shared<SystemClock>();
  opener_.open = [clock, stop = resources.find<StopToken>()](const std::string& source,
                                                             const LiveAudioOptions& options) {
    return open_live_audio(source, options, clock, stop);
  };
}

AudioMicrophone::State::~State() {
  if (!audio) return;
  const StreamCounts counts = audio->finish();
  if (counted) {
    counted->add(counts);
    return;
  }
  log::info("{}: {} samples captured, {} processed, {} dropped{}", source, counts.captured, counts.processed,
            counts.dropped,
            counts.seconds_away > 0 ? fmt::format("; away for {:.1f} s", counts.seconds_away) : "");
}

AudioMicrophone::State AudioMicrophone::begin(const In& in) const {
  return {*in.source, opener_.open(*in.source, options_), account_};
}

bool AudioMicrophone::next(State& state, Emit<Out>& emit) const {
  auto sound = state.audio->next();
  if (!sound) return false;
  // What comes first goes first.
  if (sound->clip) emit({.clip = std::move(sound->clip), .gap = std::nullopt});
  if (sound->gap) emit({.clip = std::nullopt, .gap = std::move(sound->gap)});
  return true;
}

}  // namespace millrace
