#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "preprocess/audio_source.h"

namespace {

// A regular file that is only in memory.
class MemoryFile {
 public:
  MemoryFile(const uint8_t* data, size_t size) : file_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (file_ < 0 || ::write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { ::close(file_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

}  // namespace

// Any bytes are sound within full scale or an Error about the input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace millrace;
  const MemoryFile file(data, size);
  try {
    const auto source = open_audio(file.path());
    constexpr int64_t kEnough = 60 * kSpeechRate;  // a header may promise hours of silence
    int64_t read = 0;
    while (const auto clip = source->next()) {
      for (const float sample : clip->samples)
        if (!(sample >= -1 && sample <= 1)) std::abort();
      if ((read += clip->length()) > kEnough) break;
    }
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::input) std::abort();
  }
  return 0;
}
