#include "nodes/audio_read.h"

#include "base/log.h"

namespace millrace {

AudioRead::AudioRead(const Params& params, Resources& resources) {
  if (params.pcm_format)
    options_.raw = RawPcm{.format = *params.pcm_format,
                          .sample_rate = static_cast<int>(params.pcm_rate),
                          .channels = static_cast<int>(params.pcm_channels)};
  if (const auto cancel = resources.find<StopToken>()) options_.cancel = cancel.get();
}

AudioRead::State AudioRead::begin(const In& in) const { return {*in.path, open_audio(*in.path, options_)}; }

bool AudioRead::next(State& state, Emit<Out>& emit) const {
  if (auto clip = state.source->next()) {
    emit({.clip = std::move(*clip)});
    return true;
  }
  if (const std::string fault = state.source->fault(); !fault.empty())
    log::warning("{}: {}; what came before is transcribed", state.path, fault);
  return false;
}

}  // namespace millrace
