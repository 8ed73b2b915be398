#pragma once
#include <chrono>
#include <mutex>

namespace millrace {

// PortAudio is running, and prints nothing, while any of these exists. It looks for devices when the first
// one is made: new devices are found once there was none.
class PortAudio {
 public:
  PortAudio();  // Error(io)
  ~PortAudio();
  PortAudio(const PortAudio&) = delete;
  PortAudio& operator=(const PortAudio&) = delete;

  // Held for every call of it but those on streams that run: PortAudio itself has no locks.
  static std::unique_lock<std::recursive_timed_mutex> lock();
  // Whether nobody holds it, or not for longer: a device that hangs may.
  static bool free_within(std::chrono::milliseconds time);
};

// Error(io) with PortAudio's words, and those of the system below it, when `status` is one of its errors.
void check_port_audio(int status, const char* what);

}  // namespace millrace
