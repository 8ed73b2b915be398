#include "decoders/key_value_cache.h"

#include <gmock/gmock.h>

#include <cstring>
#include <random>

namespace millrace {
namespace {

constexpr int kSlots = 4, kLayers = 2;
constexpr int64_t kLength = 12;
constexpr size_t kBytes = 3;

// The cache beside the plainest thing that does the same: a copy of everything.
class CachePair {
 public:
  CachePair()
      : cache_({.slots = kSlots, .layers = kLayers, .max_length = kLength, .position_bytes = kBytes}),
        expected_(kSlots) {}

  void append(int slot, int count) {
    const int64_t first = cache_.length(slot);
    cache_.extend(slot, count);
    for (int64_t position = first; position < first + count; ++position) {
      const auto value = static_cast<unsigned char>(next_++);
      expected_[static_cast<size_t>(slot)].push_back(value);
      for (int layer = 0; layer < kLayers; ++layer) {
        std::memset(cache_.keys(slot, layer) + static_cast<size_t>(position) * kBytes, value + layer, kBytes);
        std::memset(cache_.values(slot, layer) + static_cast<size_t>(position) * kBytes, value + 100 + layer,
                    kBytes);
      }
    }
  }

  void truncate(int slot, int64_t length) {
    cache_.truncate(slot, length);
    auto& expected = expected_[static_cast<size_t>(slot)];
    if (length < static_cast<int64_t>(expected.size())) expected.resize(static_cast<size_t>(length));
  }

  void reorder(const std::vector<int>& sources) {
    cache_.reorder(sources);
    const auto before = expected_;
    for (size_t i = 0; i < sources.size(); ++i) expected_[i] = before[static_cast<size_t>(sources[i])];
  }

  void check() {
    for (int slot = 0; slot < kSlots; ++slot) {
      const auto& expected = expected_[static_cast<size_t>(slot)];
      ASSERT_EQ(cache_.length(slot), static_cast<int64_t>(expected.size()));
      for (size_t i = 0; i < expected.size() * kBytes; ++i)
        for (int layer = 0; layer < kLayers; ++layer) {
          const auto value = static_cast<unsigned char>(expected[i / kBytes] + layer);
          ASSERT_EQ(static_cast<unsigned char>(cache_.keys(slot, layer)[i]), value);
          ASSERT_EQ(static_cast<unsigned char>(cache_.values(slot, layer)[i]),
                    static_cast<unsigned char>(value + 100));
        }
    }
  }

  int64_t room(int slot) const { return cache_.room(slot); }
  int64_t length(int slot) const { return cache_.length(slot); }

 private:
  KeyValueCache cache_;
  std::vector<std::vector<unsigned char>> expected_;
  int next_ = 0;
};

TEST(KeyValueCache, FansOutOneSequence) {
  CachePair cache;
  cache.append(0, 5);
  cache.reorder({0, 0, 0, 0});
  for (int slot = 0; slot < kSlots; ++slot) cache.append(slot, 1);
  cache.check();
}

TEST(KeyValueCache, KeepsSlotsBeyondTheSources) {
  CachePair cache;
  for (int slot = 0; slot < kSlots; ++slot) cache.append(slot, slot + 1);
  cache.reorder({3, 0});
  cache.check();
}

TEST(KeyValueCache, RandomOperationsLeaveWhatPlainCopiesWould) {
  std::mt19937 random(5);
  CachePair cache;
  for (int i = 0; i < 3000; ++i) {
    const int slot = static_cast<int>(random() % kSlots);
    switch (random() % 4) {
      case 0:
        cache.append(slot, static_cast<int>(std::min<int64_t>(cache.room(slot), random() % 3)));
        break;
      case 1:
        cache.truncate(slot, static_cast<int64_t>(random() % (kLength + 1)));
        break;
      default: {
        std::vector<int> sources(random() % (kSlots + 1));
        for (int& source : sources) source = static_cast<int>(random() % kSlots);
        cache.reorder(sources);
      }
    }
    cache.check();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace millrace
