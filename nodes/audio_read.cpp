#include "nodes/audio_read.h"

#include "base/log.h"

namespace millrace {
namespace {

constexpr int64_t kLiveBlock = 1600;  // samples: a tenth of a second

}  // namespace

AudioRead::AudioRead(const Params& params, Resources& resources) {
  if (params.pcm_format)
    options_.raw = RawPcm{.format = *params.pcm_format,
                          .sample_rate = static_cast<int>(params.pcm_rate),
                          .channels = static_cast<int>(params.pcm_channels)};
  stop_ = resources.find<StopToken>();
  options_.cancel = stop_.get();
  if (!params.realtime) return;
  options_.block_samples = kLiveBlock;
  clock_ = resources.find<StreamClock>();
  if (!clock_) clock_ = std::make_shared<SystemClock>();
}

AudioRead::State AudioRead::begin(const In& in) const {
  auto source = open_audio(*in.path, options_);
  return {*in.path, std::move(source), clock_ ? clock_->now() : 0};
}

bool AudioRead::next(State& state, Emit<Out>& emit) const {
  if (auto clip = state.source->next()) {
    if (clock_) {
      clip->began_at = state.began_at;
      if (!clock_->wait_until(state.began_at + clip->seconds_at(clip->length()), stop_.get())) return false;
    }
    emit({.clip = std::move(*clip)});
    return true;
  }
  if (const std::string fault = state.source->fault(); !fault.empty())
    log::warning("{}: {}; what came before is transcribed", state.path, fault);
  return false;
}

}  // namespace millrace
