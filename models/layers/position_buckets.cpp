#include "models/layers/position_buckets.h"

#include <algorithm>
#include <cmath>

namespace millrace {
namespace {

// torch.arange(1 / trained, 1, 1 / trained): it counts sixteen numbers from two, eight numbers apart, that
// are rounded; those that are left over, each from the beginning.
std::vector<float> boundaries(int64_t trained) {
  constexpr int64_t kTogether = 8;
  const double step = 1 / static_cast<double>(trained);
  const auto count = static_cast<int64_t>(std::ceil((1 - step) / step));
  const int64_t whole = count / (2 * kTogether) * (2 * kTogether);
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = i < whole ? i / kTogether * kTogether : i;
    const auto from = step + step * static_cast<double>(first);
    const double rounded = i < whole ? static_cast<double>(static_cast<float>(from)) : from;
    result.push_back(static_cast<float>(rounded + static_cast<double>(i - first) * step));
  }
  return result;
}

}  // namespace

std::vector<int64_t> position_buckets(int64_t count, int64_t seen, int64_t trained) {
  const auto limits = boundaries(trained);
  const float step = 1.F / static_cast<float>(seen), last = static_cast<float>(1 - 1e-6);
  std::vector<int64_t> buckets;
  for (int64_t i = 0; i < count; ++i) {
    const float place = std::min(static_cast<float>(i) * step, last);
    buckets.push_back(std::ranges::upper_bound(limits, place) - limits.begin());
  }
  return buckets;
}

}  // namespace millrace
