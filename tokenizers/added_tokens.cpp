#include "tokenizers/added_tokens.h"

#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/unicode.h"

namespace millrace {
namespace {

constexpr size_t kTokenBytes = 4096;  // looking for tokens takes time in proportion to the longest

size_t character_before(std::string_view text, size_t at) {
  size_t begin = at - 1;
  while ((text[begin] & 0xC0) == 0x80) --begin;
  return begin;
}

bool word_at(std::string_view text, size_t at) { return unicode::is_word(utf8::decode_at(text, at).code); }
bool space_at(std::string_view text, size_t at) {
  return unicode::is_white_space(utf8::decode_at(text, at).code);
}

}  // namespace

void AddedTokens::Trie::insert(std::string_view text, TokenId id) {
  uint32_t node = 0;
  begins_[static_cast<unsigned char>(text[0])] = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    auto& children = nodes_[node].children;
    auto child = std::lower_bound(children.begin(), children.end(), std::pair(byte, uint32_t{0}));
    if (child == children.end() || child->first != byte) {
      child = children.insert(child, {byte, static_cast<uint32_t>(nodes_.size())});
      node = child->second;
      nodes_.emplace_back();
    } else {
      node = child->second;
    }
  }
  nodes_[node].id = id;
}

std::pair<TokenId, size_t> AddedTokens::Trie::longest_at(std::string_view text, size_t at) const {
  std::pair<TokenId, size_t> best = {-1, 0};
  if (!begins_[static_cast<unsigned char>(text[at])]) return best;
  uint32_t node = 0;
  for (size_t i = at; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto& children = nodes_[node].children;
    const auto child = std::lower_bound(children.begin(), children.end(), std::pair(byte, uint32_t{0}));
    if (child == children.end() || child->first != byte) break;
    node = child->second;
    if (nodes_[node].id >= 0) best = {nodes_[node].id, i + 1 - at};
  }
  return best;
}

void AddedTokens::add(const std::vector<AddedToken>& tokens, const SubwordModel& model,
                      const TextNormalizer* normalizer) {
  const auto model_count = static_cast<int64_t>(model.vocabulary().count());
  int64_t next = largest_id() >= model_count ? largest_id() + 1 : model_count;
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    if (token.content.size() > kTokenBytes)
      fail(ErrorKind::model, "an added token is {} bytes long; at most {} are read", token.content.size(),
           kTokenBytes);
    auto known = id_of(token.content);
    if (!known) known = model.vocabulary().id_of(token.content);
    const TokenId id = known ? *known : static_cast<TokenId>(next++);
    if (id > Vocabulary::kMostId)
      fail(ErrorKind::model, "there are more than {} tokens", Vocabulary::kMostId);
    std::string text = utf8::sanitized(token.content);
    if (token.normalized && normalizer != nullptr) normalizer->apply(text);
    id_of_[token.content] = id;
    if (token.special) special_.insert(token.content);
    by_id_[id] = {token, std::move(text)};
  }
  as_given_ = normalized_ = Trie();
  for (const auto& [id, entry] : by_id_) {
    if (!entry.text.empty()) (entry.token.normalized ? normalized_ : as_given_).insert(entry.text, id);
  }
}

Pieces AddedTokens::split(std::string text, const TextNormalizer* normalizer) const {
  Pieces found, pieces;
  const size_t head = text.empty() ? 0 : utf8::decode_at(text, 0).size;
  split_piece({std::move(text), -1, head}, as_given_, found);
  for (Piece& piece : found) {
    if (piece.token >= 0) {
      pieces.push_back(std::move(piece));
      continue;
    }
    if (normalizer != nullptr) normalizer->apply(piece.text, piece.head);
    split_piece(std::move(piece), normalized_, pieces);
  }
  return pieces;
}

void AddedTokens::split_piece(Piece piece, const Trie& trie, Pieces& out) const {
  if (piece.text.empty()) return;
  if (trie.empty()) {
    out.push_back(std::move(piece));
    return;
  }
  const std::string_view text = piece.text;
  size_t done = 0;  // everything before it has its piece
  for (size_t i = 0; i < text.size();) {
    const auto [id, size] = trie.longest_at(text, i);
    if (id < 0) {
      ++i;
      continue;
    }
    size_t begin = i, end = i + size;
    i = end;
    const AddedToken& token = by_id_.at(id).token;
    if (token.single_word && ((begin > 0 && word_at(text, character_before(text, begin))) ||
                              (end < text.size() && word_at(text, end))))
      continue;
    while (token.lstrip && begin > done && space_at(text, character_before(text, begin)))
      begin = character_before(text, begin);
    begin = token.lstrip ? std::max(begin, done) : begin;
    while (token.rstrip && end < text.size() && space_at(text, end)) end += utf8::decode_at(text, end).size;
    if (done < begin)
      out.push_back({std::string(text.substr(done, begin - done)), -1, piece.head_from(done)});
    if (begin < end) out.push_back({{}, id, 0});  // else its spaces were taken by the token before
    done = end;
  }
  if (done < text.size()) out.push_back({std::string(text.substr(done)), -1, piece.head_from(done)});
}

const AddedTokens::Entry* AddedTokens::find(TokenId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second;
}

std::optional<TokenId> AddedTokens::id_of(std::string_view content) const {
  const auto found = id_of_.find(std::string(content));
  return found == id_of_.end() ? std::nullopt : std::optional(found->second);
}

bool AddedTokens::has(const AddedToken& token) const {
  const auto id = id_of(token.content);
  if (!id) return false;
  const AddedToken& known = by_id_.at(*id).token;
  return known.content == token.content && known.single_word == token.single_word &&
         known.lstrip == token.lstrip && known.rstrip == token.rstrip &&
         known.normalized == token.normalized && known.special == token.special;
}

}  // namespace millrace
