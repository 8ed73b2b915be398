#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace millrace::cli {

// Latencies of hours in the memory of none: counted in hundredths of a second, up to a minute.
class LatencyHistogram {
 public:
  void add(double seconds) {
    if (!std::isfinite(seconds)) return;
    const auto hundredths = std::clamp<int64_t>(std::llround(seconds * 100), 0, kBins - 1);
    ++counts_[static_cast<size_t>(hundredths)];
    ++count_;
  }
  int64_t count() const { return count_; }
  // In seconds; none before anything was added.
  std::optional<double> median() const {
    int64_t below = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      below += counts_[i];
      if (count_ > 0 && below * 2 >= count_) return static_cast<double>(i) / 100;
    }
    return std::nullopt;
  }

 private:
  static constexpr int64_t kBins = 6001;
  std::array<int64_t, kBins> counts_{};
  int64_t count_ = 0;
};

}  // namespace millrace::cli
