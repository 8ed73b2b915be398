#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::cli {

// How late results were, to the millisecond, in as much memory after a day as after a second. What was more
// than a minute late counts as one.
class LatencyTally {
 public:
  void add(double seconds) {
    if (!std::isfinite(seconds)) return;
    const auto bin = std::clamp<int64_t>(std::llround(seconds * 1000), 0, std::ssize(counts_) - 1);
    ++counts_[static_cast<size_t>(bin)];
    ++total_;
  }
  // In seconds; nothing of nothing.
  std::optional<double> median() const {
    int64_t below = 0;
    for (size_t bin = 0; bin < counts_.size(); ++bin)
      if ((below += counts_[bin]) * 2 > total_) return static_cast<double>(bin) / 1000;
    return std::nullopt;
  }

 private:
  std::vector<int64_t> counts_ = std::vector<int64_t>(60'001);
  int64_t total_ = 0;
};

}  // namespace millrace::cli
