#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace millrace {

// What sequences were fed as long as they were short. Where a model computes long sequences in another way
// than short ones (LongRoPE's frequencies), those that grow beyond the limit begin anew, from here.
class FeedHistory {
 public:
  // `limit` positions, of `width` floats each, are short.
  FeedHistory(int slots, int64_t limit, int64_t width);

  // Notes that `slot`, which has `position` positions now, is fed `embeddings` as part of a sequence of
  // `length`. When the slot has to begin anew, the embeddings of all its positions with these; the span lives
  // until the slot's next feed.
  std::optional<std::span<const float>> feed(int slot, int64_t position, int64_t length,
                                             std::span<const float> embeddings);
  // Slot i becomes a copy of what slot sources[i] was.
  void reorder(std::span<const int> sources);

 private:
  struct Slot {
    std::vector<float> embeddings;  // of the first positions, at most `limit_`
    std::vector<float> whole;       // of all of them, when it began anew
    bool is_long = false;           // how its positions have been computed
  };

  int64_t limit_, width_;
  std::vector<Slot> slots_;
};

}  // namespace millrace
