#include "decoders/feed_history.h"

#include <algorithm>

namespace millrace {

FeedHistory::FeedHistory(int slots, int64_t limit, int64_t width)
    : limit_(limit), width_(width), slots_(static_cast<size_t>(slots)) {}

std::optional<std::span<const float>> FeedHistory::feed(int slot, int64_t position, int64_t length,
                                                        std::span<const float> embeddings) {
  Slot& own = slots_[static_cast<size_t>(slot)];
  own.whole = {};
  const auto at = [&](int64_t positions) { return static_cast<size_t>(positions * width_); };
  const bool is_long = length > limit_;
  const bool anew = position > 0 && is_long != own.is_long;
  own.is_long = is_long;
  own.embeddings.resize(at(std::min(position, limit_)));
  if (anew) {  // positions beyond the limit are long already, so all are here
    own.whole = own.embeddings;
    own.whole.insert(own.whole.end(), embeddings.begin(), embeddings.end());
  }
  const auto kept = embeddings.first(std::min(embeddings.size(), at(limit_) - own.embeddings.size()));
  own.embeddings.insert(own.embeddings.end(), kept.begin(), kept.end());
  if (!anew) return std::nullopt;
  return own.whole;
}

void FeedHistory::reorder(std::span<const int> sources) {
  const std::vector<Slot> before = slots_;
  for (size_t i = 0; i < sources.size(); ++i) slots_[i] = before[static_cast<size_t>(sources[i])];
}

}  // namespace millrace
