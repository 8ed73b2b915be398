#include "decoders/key_value_cache.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

#include "base/error.h"

namespace millrace {
namespace {

constexpr std::align_val_t kAlignment{64};

}  // namespace

void KeyValueCache::Free::operator()(std::byte* data) const { ::operator delete(data, kAlignment); }

KeyValueCache::KeyValueCache(const Options& options) : options_(options) {
  const auto slots = static_cast<size_t>(options.slots);
  const size_t bytes = slots * static_cast<size_t>(options.layers) * 2 * half_bytes();
  data_.reset(static_cast<std::byte*>(::operator new(std::max<size_t>(bytes, 1), kAlignment)));
  sequences_.resize(slots);
  for (auto& sequence : sequences_) sequence.stamps.resize(static_cast<size_t>(options.max_length));
  for (size_t i = 0; i < slots; ++i) slots_.push_back(i);
}

std::byte* KeyValueCache::place(size_t store, int layer) const {
  return data_.get() +
         (store * static_cast<size_t>(options_.layers) + static_cast<size_t>(layer)) * 2 * half_bytes();
}

void KeyValueCache::extend(int slot, int64_t count) {
  assert(count <= room(slot));
  auto& sequence = sequences_[slots_[static_cast<size_t>(slot)]];
  for (int64_t i = 0; i < count; ++i) sequence.stamps[static_cast<size_t>(sequence.length++)] = next_stamp_++;
}

void KeyValueCache::truncate(int slot, int64_t length) {
  auto& sequence = sequences_[slots_[static_cast<size_t>(slot)]];
  sequence.length = std::min(sequence.length, length);
}

void KeyValueCache::copy(size_t from, size_t to) {
  const auto& source = sequences_[from];
  auto& target = sequences_[to];
  const auto length = static_cast<size_t>(source.length);
  const auto differs =
      std::mismatch(source.stamps.begin(), source.stamps.begin() + source.length, target.stamps.begin());
  const auto first = static_cast<size_t>(differs.first - source.stamps.begin());
  const size_t offset = first * options_.position_bytes, bytes = (length - first) * options_.position_bytes;
  for (int layer = 0; layer < options_.layers; ++layer)
    for (const size_t half : {size_t{0}, half_bytes()})
      std::memcpy(place(to, layer) + half + offset, place(from, layer) + half + offset, bytes);
  std::copy(differs.first, source.stamps.begin() + source.length, differs.second);
  target.length = source.length;
}

void KeyValueCache::reorder(std::span<const int> sources) {
  assert(sources.size() <= slots_.size());
  const std::vector<size_t> before = slots_;
  std::vector<char> taken(before.size(), 0);
  for (size_t slot = sources.size(); slot < before.size(); ++slot) taken[before[slot]] = 1;

  std::vector<size_t> copies;  // slots whose source's memory belongs to another slot
  for (size_t slot = 0; slot < sources.size(); ++slot) {
    const size_t store = before[static_cast<size_t>(sources[slot])];
    if (taken[store]) {
      copies.push_back(slot);
    } else {
      taken[store] = 1;
      slots_[slot] = store;
    }
  }
  // A copy goes to the slot's own memory where that is free: it is the likeliest to hold a common beginning.
  const auto settle = [&](size_t slot, size_t store) {
    taken[store] = 1;
    slots_[slot] = store;
    copy(before[static_cast<size_t>(sources[slot])], store);
  };
  std::vector<size_t> homeless;
  for (const size_t slot : copies) {
    if (taken[before[slot]])
      homeless.push_back(slot);
    else
      settle(slot, before[slot]);
  }
  size_t store = 0;
  for (const size_t slot : homeless) {
    while (taken[store]) ++store;
    settle(slot, store);
  }
}

}  // namespace millrace
