#include "nodes/audio_log_mel.h"

#include <algorithm>
#include <cmath>

#include "nodes/speech_features.h"

namespace millrace {
namespace {

constexpr int64_t kSoundless = 1600;  // samples of silence that stand for no sound at all

}  // namespace

AudioLogMel::AudioLogMel(const Params& params, Resources& resources)
    : log_mel_(speech_features(params.model, resources)) {
  const auto samples = [&](double seconds) {
    return std::llround(seconds * log_mel_->options().sample_rate);
  };
  if (params.silence) silence_ = samples(*params.silence);
  at_least_ = samples(params.at_least);
}

// A clip without sound, which says that an utterance is over, costs as little as can be.
std::optional<int64_t> AudioLogMel::silence_after(const AudioClip& clip) const {
  if (clip.length() == 0) return kSoundless;
  if (!silence_) return std::nullopt;
  return std::max(*silence_, at_least_ - clip.length());
}

AudioLogMel::Out AudioLogMel::operator()(const In& in) const {
  return {.mel = {(*log_mel_)(*in.clip, in.measure ? in.measure->loudest : std::nullopt,
                              silence_after(*in.clip))}};
}

}  // namespace millrace
