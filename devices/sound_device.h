#pragma once
#include <functional>
#include <memory>

#include "devices/capture_ring.h"

namespace millrace {

// A microphone that is open: something writes what it hears to the ring, until this is destroyed.
class SoundDevice {
 public:
  virtual ~SoundDevice() = default;
  virtual std::shared_ptr<CaptureRing> ring() const = 0;
  // Asked each time that somebody looks for sound. False: the device is lost.
  virtual bool working() = 0;
};

// Opens it, at first and after each loss. Error(io): it is not there, or cannot be used.
using SoundDeviceOpener = std::function<std::unique_ptr<SoundDevice>()>;

}  // namespace millrace
