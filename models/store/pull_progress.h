#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/cancel.h"

namespace millrace {

// How far a pull has come, over all its files.
struct PullProgress {
  std::string file;    // the one under way
  uint64_t bytes = 0;  // there so far
  uint64_t total = 0;  // 0: not known
};

struct PullOptions {
  std::function<void(const PullProgress&)> progress;  // may be empty; called on the caller's thread
  const CancelToken* cancel = nullptr;                // Error(interrupted) soon after it is set; may be null
};

}  // namespace millrace
