#include "preprocess/sound_bytes.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "preprocess/audio_source.h"

namespace millrace {
namespace {

constexpr size_t kMostSamples = size_t{4} * 3600 * kSpeechRate;

// A file in memory, which libraries that want a path can open.
class MemoryFile {
 public:
  MemoryFile(std::string_view bytes, const std::string& name) : file_(::memfd_create("sound", MFD_CLOEXEC)) {
    while (file_ >= 0 && !bytes.empty()) {
      const ssize_t wrote = ::write(file_, bytes.data(), bytes.size());
      if (wrote <= 0) break;
      bytes.remove_prefix(static_cast<size_t>(wrote));
    }
    if (file_ >= 0 && bytes.empty()) return;
    const int why = errno;
    if (file_ >= 0) ::close(file_);
    fail_at(ErrorKind::io, name, "cannot be held in memory: {}", std::strerror(why));
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return fmt::format("/proc/self/fd/{}", file_); }

 private:
  int file_;
};

AudioClip read_clip(const std::string& path) {
  const auto source = open_audio(path);
  AudioClip clip;
  while (const auto block = source->next()) {
    clip.samples.insert(clip.samples.end(), block->samples.begin(), block->samples.end());
    if (clip.samples.size() > kMostSamples) fail_at(ErrorKind::input, path, "is longer than four hours");
  }
  return clip;
}

}  // namespace

AudioClip decode_sound(std::string_view bytes, const std::string& name) {
  const MemoryFile file(bytes, name);
  try {
    return read_clip(file.path());
  } catch (const Error& error) {
    std::string message = error.what();
    if (const auto at = message.find(file.path()); at != std::string::npos)
      message.replace(at, file.path().size(), name);
    throw Error(error.kind(), message);
  }
}

}  // namespace millrace
