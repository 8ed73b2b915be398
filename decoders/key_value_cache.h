#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace millrace {

// The static key/value cache of several sequences: for each slot and layer `max_length` positions of keys and
// of values, allocated once. Memory that no position has been written to costs nothing.
class KeyValueCache {
 public:
  struct Options {
    int slots = 0, layers = 0;
    int64_t max_length = 0;
    size_t position_bytes = 0;  // of one position's keys in one layer, and as many for its values
  };
  explicit KeyValueCache(const Options& options);

  int slots() const { return options_.slots; }
  int64_t max_length() const { return options_.max_length; }
  int64_t length(int slot) const { return sequence(slot).length; }
  int64_t room(int slot) const { return max_length() - length(slot); }

  std::byte* keys(int slot, int layer) { return place(slots_[static_cast<size_t>(slot)], layer); }
  std::byte* values(int slot, int layer) { return keys(slot, layer) + half_bytes(); }

  // Makes room for `count` positions behind the present ones, to be written in all layers.
  void extend(int slot, int64_t count);
  void truncate(int slot, int64_t length);
  // Slot i becomes what slot sources[i] was; slots from sources.size() on stay. A source that goes to one
  // slot changes hands; where it goes to several, the others copy the positions in which they differ.
  void reorder(std::span<const int> sources);

 private:
  // Each position carries a stamp of when it was written: equal stamps, equal contents.
  struct Sequence {
    int64_t length = 0;
    std::vector<uint64_t> stamps;
  };
  struct Free {
    void operator()(std::byte* data) const;
  };

  size_t half_bytes() const { return static_cast<size_t>(options_.max_length) * options_.position_bytes; }
  std::byte* place(size_t store, int layer) const;
  const Sequence& sequence(int slot) const { return sequences_[slots_[static_cast<size_t>(slot)]]; }
  void copy(size_t from, size_t to);

  Options options_;
  std::unique_ptr<std::byte, Free> data_;
  std::vector<Sequence> sequences_;  // by place in memory
  std::vector<size_t> slots_;        // the place in memory of each slot
  uint64_t next_stamp_ = 1;
};

}  // namespace millrace
