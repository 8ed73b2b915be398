#pragma once
#include <algorithm>

#include "kernels/parallel.h"
#include "models/layers/convolution.h"

namespace millrace {

// Positions cut into blocks, equally many for each thread, of which `width` values each fit the second-level
// cache.
class PositionBlocks {
 public:
  PositionBlocks(int64_t positions, int64_t width) : positions_(positions) {
    constexpr int64_t kFloats = 64 * 1024;
    // Weights pass once for each block: few positions are not worth it.
    constexpr int64_t kLeast = 48;
    const int64_t threads = kernels::thread_count(), some = std::max(kLeast, kFloats / width);
    count_ = ((positions + some - 1) / some + threads - 1) / threads * threads;
    suit_ = positions >= kLeast * count_ / 2;
  }

  bool suit() const { return suit_; }  // or they are better taken all together
  int64_t count() const { return count_; }
  int64_t most() const { return (positions_ + count_ - 1) / count_; }
  Lines of(int64_t block) const { return {positions_ * block / count_, positions_ * (block + 1) / count_}; }

 private:
  int64_t positions_, count_;
  bool suit_;
};

}  // namespace millrace
