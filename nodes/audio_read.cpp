#include "nodes/audio_read.h"

#include "base/log.h"
#include "devices/live_recording.h"

namespace millrace {

AudioRead::AudioRead(const Params& params, Resources& resources) {
  if (params.pcm_format)
    options_.raw = RawPcm{.format = *params.pcm_format,
                          .sample_rate = static_cast<int>(params.pcm_rate),
                          .channels = static_cast<int>(params.pcm_channels)};
  stop_ = resources.find<StopToken>();
  options_.cancel = stop_.get();
  if (!params.realtime) return;
  clock_ = resources.find<StreamClock>();
  if (!clock_) clock_ = std::make_shared<SystemClock>();
}

AudioRead::State AudioRead::begin(const In& in) const {
  if (clock_) return {*in.path, nullptr, std::make_unique<LiveRecording>(*in.path, options_, clock_, stop_)};
  return {*in.path, open_audio(*in.path, options_), nullptr};
}

bool AudioRead::next(State& state, Emit<Out>& emit) const {
  if (state.live) {
    auto sound = state.live->next();
    if (sound) emit({.clip = std::move(*sound->clip)});
    return sound.has_value();
  }
  if (auto clip = state.source->next()) {
    emit({.clip = std::move(*clip)});
    return true;
  }
  if (const std::string fault = state.source->fault(); !fault.empty())
    log::warning("{}: {}; what came before is transcribed", state.path, fault);
  return false;
}

}  // namespace millrace
