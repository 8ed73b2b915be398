#include "tokenizers/bpe.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"
#include "base/utf8.h"

namespace millrace {
namespace {

uint64_t pair_of(TokenId left, TokenId right) {
  return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
}

size_t hash_of(uint64_t pair) {
  pair *= 0x9E3779B97F4A7C15;
  return static_cast<size_t>(pair ^ pair >> 32);
}

}  // namespace

Bpe::Bpe(Vocabulary vocabulary, const Merges& merges, Options options)
    : SubwordModel(std::move(vocabulary)), options_(std::move(options)) {
  if (merges.size() > static_cast<size_t>(Vocabulary::kMostId))
    fail(ErrorKind::model, "there are {} merges; at most {} are read", merges.size(), Vocabulary::kMostId);
  merges_.resize(std::bit_ceil(std::max<size_t>(merges.size(), 1) * 2));
  const auto known = [&](std::string_view token, size_t rank) {
    const auto id = vocabulary_.id_of(token);
    if (!id) fail(ErrorKind::model, "merge {} needs the token '{}', which the vocabulary lacks", rank, token);
    return *id;
  };
  std::string joined;
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    const auto [left, right] = merges[rank];
    const size_t prefix = options_.continuing_prefix.size();
    if (right.size() < prefix)
      fail(ErrorKind::model, "merge {}: '{}' is shorter than the prefix '{}'", rank, right,
           options_.continuing_prefix);
    joined.assign(left).append(right.substr(prefix));
    const TokenId left_id = known(left, rank), right_id = known(right, rank), joined_id = known(joined, rank);
    add_merge(pair_of(left_id, right_id), static_cast<int32_t>(rank), joined_id);
  }
  if (options_.unknown) {
    if (const auto id = vocabulary_.id_of(*options_.unknown)) unknown_ = *id;
  }
  for (size_t byte = 0; byte < byte_tokens_.size(); ++byte)
    byte_tokens_[byte] = vocabulary_.id_of(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  for (size_t code = 0; code < common_.size(); ++code) {
    std::string character;
    utf8::append(character, static_cast<char32_t>(code));
    common_[code] = vocabulary_.id_of(character).value_or(-1);
  }
}

void Bpe::add_merge(uint64_t pair, int32_t rank, TokenId id) {
  const size_t mask = merges_.size() - 1;
  size_t i = hash_of(pair) & mask;
  while (merges_[i].pair != kNone && merges_[i].pair != pair) i = (i + 1) & mask;
  merges_[i] = {pair, rank, id};
}

const Bpe::Merge* Bpe::find_merge(TokenId left, TokenId right) const {
  const uint64_t pair = pair_of(left, right);
  const size_t mask = merges_.size() - 1;
  for (size_t i = hash_of(pair) & mask; merges_[i].pair != kNone; i = (i + 1) & mask) {
    if (merges_[i].pair == pair) return &merges_[i];
  }
  return nullptr;
}

TokenId Bpe::id_of_character(std::string_view character, bool first, bool last) const {
  const bool prefixed = !first && !options_.continuing_prefix.empty();
  const bool suffixed = last && !options_.end_suffix.empty();
  if (prefixed || suffixed) {
    std::string text = prefixed ? options_.continuing_prefix : "";
    text += character;
    if (suffixed) text += options_.end_suffix;
    return vocabulary_.id_of(text).value_or(-1);
  }
  if (character.size() <= 2) {
    const char32_t code = utf8::decode_at(character, 0).code;
    if (code < common_.size()) return common_[code];
  }
  return vocabulary_.id_of(character).value_or(-1);
}

bool Bpe::add_bytes(std::string_view text, std::vector<Symbol>& symbols) const {
  const auto token = [&](char byte) { return byte_tokens_[static_cast<unsigned char>(byte)]; };
  if (std::any_of(text.begin(), text.end(), [&](char byte) { return token(byte) < 0; })) return false;
  for (const char byte : text) symbols.push_back({token(byte), 0, 0});
  return true;
}

void Bpe::add_symbols(std::string_view word, std::vector<Symbol>& symbols) const {
  bool unknown_waits =
      false;  // as in the reference, an unknown token is written when something known follows
  const auto write_unknown = [&] {
    if (unknown_waits) symbols.push_back({unknown_, 0, 0});
    unknown_waits = false;
  };
  for (size_t i = 0; i < word.size();) {
    const size_t size = utf8::decode_at(word, i).size;
    const std::string_view character = word.substr(i, size);
    const bool first = i == 0, last = i + size == word.size();
    i += size;
    const TokenId id = id_of_character(character, first, last);
    if (id >= 0) {
      write_unknown();
      symbols.push_back({id, 0, 0});
      continue;
    }
    if (options_.byte_fallback) {
      std::string text = first ? "" : options_.continuing_prefix;
      text.append(character).append(last ? options_.end_suffix : "");
      if (add_bytes(text, symbols)) continue;
    }
    if (!options_.unknown) continue;
    if (unknown_ < 0)
      fail(ErrorKind::model, "the vocabulary has no token for '{}', nor the unknown token '{}'", character,
           *options_.unknown);
    if (!options_.fuse_unknown) write_unknown();
    unknown_waits = true;
  }
  write_unknown();
}

void Bpe::merge(std::vector<Symbol>& symbols, std::vector<Candidate>& heap) const {
  const auto count = static_cast<int32_t>(symbols.size());
  const auto offer = [&](int32_t left, int32_t right, bool push) {
    const Merge* found = find_merge(symbols[left].id, symbols[right].id);
    if (found == nullptr) return;
    heap.push_back({found->rank, left, found->id});
    if (push) std::push_heap(heap.begin(), heap.end());
  };
  heap.clear();
  for (int32_t i = 0; i < count; ++i) {
    symbols[i].previous = i - 1;
    symbols[i].next = i + 1 < count ? i + 1 : -1;
    if (i + 1 < count) offer(i, i + 1, false);
  }
  std::make_heap(heap.begin(), heap.end());
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end());
    const Candidate best = heap.back();
    heap.pop_back();
    Symbol& left = symbols[best.position];
    if (left.id < 0 || left.next < 0) continue;
    Symbol& right = symbols[left.next];
    const Merge* still = find_merge(left.id, right.id);  // the neighbours may have changed since
    if (still == nullptr || still->id != best.id) continue;
    left.id = best.id;
    left.next = right.next;
    right.id = -1;
    if (left.next >= 0) symbols[left.next].previous = best.position;
    if (left.previous >= 0) offer(left.previous, best.position, true);
    if (left.next >= 0) offer(best.position, left.next, true);
  }
}

void Bpe::tokenize(std::string_view word, std::vector<TokenId>& ids) const {
  if (options_.ignore_merges) {
    if (const auto id = vocabulary_.id_of(word)) {
      ids.push_back(*id);
      return;
    }
  }
  if (word.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max() / 4))
    fail(ErrorKind::input, "a word of {} bytes is too long to tokenize", word.size());
  thread_local std::vector<Symbol> symbols;  // kept: words are short and many
  thread_local std::vector<Candidate> heap;
  symbols.clear();
  add_symbols(word, symbols);
  merge(symbols, heap);
  for (const Symbol& symbol : symbols) {
    if (symbol.id >= 0) ids.push_back(symbol.id);
  }
}

}  // namespace millrace
