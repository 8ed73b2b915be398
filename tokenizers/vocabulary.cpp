#include "tokenizers/vocabulary.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "base/error.h"

namespace millrace {
namespace {

size_t hash_of(std::string_view token) { return std::hash<std::string_view>{}(token); }

}  // namespace

void Vocabulary::reserve(size_t tokens, size_t bytes) {
  text_.reserve(bytes);
  entries_.reserve(tokens);
  entry_of_.reserve(tokens);
  if (tokens * 2 > slots_.size()) grow(std::bit_ceil(tokens * 2));
}

size_t Vocabulary::slot_of(std::string_view token, size_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t i = hash & mask;
  for (; slots_[i].entry != 0; i = (i + 1) & mask) {
    if (slots_[i].hash == static_cast<uint32_t>(hash >> 32) &&
        text_of(entries_[slots_[i].entry - 1]) == token)
      break;
  }
  return i;
}

void Vocabulary::grow(size_t slots) {
  slots_.assign(std::max<size_t>(slots, 64), {});
  for (size_t i = 0; i < entries_.size(); ++i) {
    const size_t hash = hash_of(text_of(entries_[i]));
    slots_[slot_of(text_of(entries_[i]), hash)] = {static_cast<uint32_t>(i + 1),
                                                   static_cast<uint32_t>(hash >> 32)};
  }
}

void Vocabulary::add(std::string_view token, int64_t id) {
  if (id < 0 || id > kMostId)
    fail(ErrorKind::model, "token '{}' has the id {}; ids go from 0 to {}", token, id, kMostId);
  if (token.size() > std::numeric_limits<uint32_t>::max())
    fail(ErrorKind::model, "a token is {} bytes long", token.size());
  if ((entries_.size() + 1) * 2 > slots_.size()) grow(slots_.size() * 2);
  const size_t hash = hash_of(token);
  Slot& slot = slots_[slot_of(token, hash)];
  if (slot.entry == 0) {
    entries_.push_back({text_.size(), static_cast<uint32_t>(token.size()), 0});
    text_ += token;
    slot = {static_cast<uint32_t>(entries_.size()), static_cast<uint32_t>(hash >> 32)};
  }
  const auto number = static_cast<TokenId>(id);
  entries_[slot.entry - 1].id = number;
  if (static_cast<size_t>(number) >= entry_of_.size()) entry_of_.resize(static_cast<size_t>(number) + 1);
  entry_of_[static_cast<size_t>(number)] = slot.entry;
  largest_id_ = std::max(largest_id_, number);
  longest_ = std::max(longest_, token.size());
}

std::optional<TokenId> Vocabulary::id_of(std::string_view token) const {
  if (slots_.empty()) return std::nullopt;
  const Slot& slot = slots_[slot_of(token, hash_of(token))];
  if (slot.entry == 0) return std::nullopt;
  return entries_[slot.entry - 1].id;
}

std::optional<std::string_view> Vocabulary::token_of(TokenId id) const {
  if (id < 0 || static_cast<size_t>(id) >= entry_of_.size() || entry_of_[static_cast<size_t>(id)] == 0)
    return std::nullopt;
  return text_of(entries_[entry_of_[static_cast<size_t>(id)] - 1]);
}

}  // namespace millrace
