#pragma once
#include <span>
#include <string>
#include <vector>

namespace millrace {

// A microphone, or whatever else sound can be captured from.
struct AudioDevice {
  int number = 0;  // PortAudio's, until devices come or go
  std::string name;
  std::string host_api = {};  // "ALSA", "JACK Audio Connection Kit", …
  int channels = 0;
  double sample_rate = 0;  // its own
  bool is_default = false;
};

// Those that are there now.
std::vector<AudioDevice> audio_inputs();

bool is_device_number(const std::string& name);

// The device that `wanted` means: "default", a number, a name, or a part of the name of one device alone.
// Error(usage) otherwise, with the nearest name; Error(io) where there are none at all.
const AudioDevice& find_audio_input(std::span<const AudioDevice> devices, const std::string& wanted);

}  // namespace millrace
