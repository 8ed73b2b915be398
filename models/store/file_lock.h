#pragma once
#include <filesystem>

#include "base/cancel.h"

namespace millrace {

// Held while it lives, by one process and one FileLock at a time: flock() on `path`, which is made when it is
// not there and stays. huggingface_hub locks the very same way. Waits for its turn; Error(io) where locks
// cannot be made.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path, const CancelToken* cancel = nullptr);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace millrace
