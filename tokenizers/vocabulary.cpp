#include "tokenizers/vocabulary.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

#include "base/error.h"

namespace millrace {

void Vocabulary::reserve(size_t tokens, size_t bytes) {
  text_.reserve(bytes);
  entries_.reserve(tokens);
  entry_of_.reserve(tokens);
  if (tokens * 2 > slots_.size()) grow(std::bit_ceil(tokens * 2));
}

const uint32_t* Vocabulary::slot_of(std::string_view token) const {
  const size_t mask = slots_.size() - 1;
  size_t i = std::hash<std::string_view>{}(token)&mask;
  while (slots_[i] != 0 && text_of(entries_[slots_[i] - 1]) != token) i = (i + 1) & mask;
  return &slots_[i];
}

uint32_t* Vocabulary::slot_of(std::string_view token) {
  return const_cast<uint32_t*>(static_cast<const Vocabulary*>(this)->slot_of(token));
}

void Vocabulary::grow(size_t slots) {
  slots_.assign(std::max<size_t>(slots, 64), 0);
  for (size_t i = 0; i < entries_.size(); ++i) *slot_of(text_of(entries_[i])) = static_cast<uint32_t>(i + 1);
}

void Vocabulary::add(std::string_view token, int64_t id) {
  if (id < 0 || id > kMostId)
    fail(ErrorKind::model, "token '{}' has the id {}; ids go from 0 to {}", token, id, kMostId);
  if (token.size() > std::numeric_limits<uint32_t>::max())
    fail(ErrorKind::model, "a token is {} bytes long", token.size());
  if ((entries_.size() + 1) * 2 > slots_.size()) grow(slots_.size() * 2);
  uint32_t* slot = slot_of(token);
  if (*slot == 0) {
    entries_.push_back({text_.size(), static_cast<uint32_t>(token.size()), 0});
    text_ += token;
    *slot = static_cast<uint32_t>(entries_.size());
  }
  const auto number = static_cast<TokenId>(id);
  entries_[*slot - 1].id = number;
  if (static_cast<size_t>(number) >= entry_of_.size()) entry_of_.resize(static_cast<size_t>(number) + 1);
  entry_of_[static_cast<size_t>(number)] = *slot;
  largest_id_ = std::max(largest_id_, number);
}

std::optional<TokenId> Vocabulary::id_of(std::string_view token) const {
  if (slots_.empty()) return std::nullopt;
  const uint32_t* slot = slot_of(token);
  if (*slot == 0) return std::nullopt;
  return entries_[*slot - 1].id;
}

std::optional<std::string_view> Vocabulary::token_of(TokenId id) const {
  if (id < 0 || static_cast<size_t>(id) >= entry_of_.size() || entry_of_[static_cast<size_t>(id)] == 0)
    return std::nullopt;
  return text_of(entries_[entry_of_[static_cast<size_t>(id)] - 1]);
}

}  // namespace millrace
