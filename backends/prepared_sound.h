#pragma once
#include "backends/prepared_picture.h"
#include "preprocess/audio_clip.h"

namespace millrace {

// What stands for a sound in a prompt, as the folder's processor says: the sound at the model's sample rate,
// in windows, encoded. `model` has a multimodal that hears; a model that does not is Error(model), a sound
// that is empty or too short for one embedding Error(input). What is beyond the processor's longest is left
// out, with a warning. Expensive: a sound need be prepared once only.
PreparedMedia prepare_sound(const LoadedModel& model, const AudioClip& clip);

}  // namespace millrace
