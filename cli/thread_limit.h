#pragma once
#include <oneapi/tbb/global_control.h>

#include <optional>

namespace millrace::cli {

// While it lives, the process computes on at most `threads` threads; 0 leaves it all that it may use.
class ThreadLimit {
 public:
  explicit ThreadLimit(int threads) {
    if (threads > 0)
      control_.emplace(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(threads));
  }

 private:
  std::optional<tbb::global_control> control_;
};

}  // namespace millrace::cli
