#include "decoders/rotary_line.h"

#include <algorithm>
#include <numeric>

namespace millrace {

int64_t RotaryLine::next(int64_t length) const {
  if (next_.empty() || length == 0) return length;
  return next_[static_cast<size_t>(length) - 1];
}

void RotaryLine::extend(int64_t length, int64_t count, std::span<const GridPosition> given,
                        std::vector<GridPosition>& all) {
  int64_t place = next(length);
  if (!given.empty() && next_.empty()) {
    next_.resize(static_cast<size_t>(length));
    std::iota(next_.begin(), next_.end(), int64_t{1});
  }
  const bool counts = next_.empty();
  if (!counts || !given.empty()) next_.resize(static_cast<size_t>(length));
  for (int64_t i = 0; i < count; ++i) {
    all.push_back(given.empty() ? position_in_text(place) : given[static_cast<size_t>(i)]);
    place = std::max(place, std::ranges::max(all.back()) + 1);
    if (!counts || !given.empty()) next_.push_back(place);
  }
}

}  // namespace millrace
