#pragma once
#include <string>

#include "devices/sound_device.h"

namespace millrace {

// Opens the microphone that `name` means (see find_audio_input), with `rate` samples a second (0: its own)
// and `channels` channels. Looks for it anew each time, since its number may have changed.
SoundDeviceOpener port_audio_opener(std::string name, int rate, int channels);

}  // namespace millrace
