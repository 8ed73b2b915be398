#pragma once
#include <string>
#include <string_view>

#include "preprocess/audio_clip.h"

namespace millrace {

// A whole recording, at kSpeechRate, from the bytes of its file in any format that open_audio() reads. What
// is no sound, damaged from the start, empty or longer than four hours is Error(input) naming `name`.
AudioClip decode_sound(std::string_view bytes, const std::string& name);

}  // namespace millrace
