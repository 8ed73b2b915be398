#include "nodes/audio_log_mel.h"

#include "nodes/speech_features.h"

namespace millrace {

AudioLogMel::AudioLogMel(const Params& params, Resources& resources)
    : log_mel_(speech_features(params.model, resources)) {}

AudioLogMel::Out AudioLogMel::operator()(const In& in) const {
  return {.mel = {(*log_mel_)(*in.clip, in.measure ? in.measure->loudest : std::nullopt)}};
}

}  // namespace millrace
