#pragma once

namespace millrace {

// While it exists, the libraries below PortAudio do not say on standard error what they tried in vain. ALSA
// and JACK are asked not to; what others print meanwhile, PortAudio's own complaints for instance, goes
// nowhere. Not thread-safe.
class QuietLibraries {
 public:
  QuietLibraries();
  ~QuietLibraries();
  QuietLibraries(const QuietLibraries&) = delete;
  QuietLibraries& operator=(const QuietLibraries&) = delete;

 private:
  int standard_error_ = -1;  // a duplicate of it
};

}  // namespace millrace
