#include "tokenizers/composed_tokenizer.h"

#include <algorithm>

#include "base/utf8.h"

namespace millrace {

std::vector<TokenId> ComposedTokenizer::encode(std::string_view text, bool special) const {
  Pieces pieces = parts_.added.split(utf8::sanitized(text), parts_.normalizer.get());
  if (parts_.pre_tokenizer) parts_.pre_tokenizer->apply(pieces);
  std::vector<TokenId> ids;
  if (special) ids = parts_.post.before;
  for (const Piece& piece : pieces) {
    if (piece.token >= 0) {
      ids.push_back(piece.token);
    } else if (!piece.text.empty()) {
      parts_.model->tokenize(piece.text, ids);
    }
  }
  if (special) ids.insert(ids.end(), parts_.post.after.begin(), parts_.post.after.end());
  return ids;
}

std::optional<std::string_view> ComposedTokenizer::text_of(TokenId id) const {
  if (const auto* added = parts_.added.find(id)) return added->text;
  return parts_.model->vocabulary().token_of(id);
}

std::string ComposedTokenizer::decode(std::span<const TokenId> ids, bool keep_special) const {
  std::vector<std::string> tokens;
  tokens.reserve(ids.size());
  for (const TokenId id : ids) {
    const auto text = text_of(id);
    if (text && (keep_special || !parts_.added.is_special_text(*text))) tokens.emplace_back(*text);
  }
  std::string text;
  if (parts_.decoder) {
    parts_.decoder->apply(tokens);
    for (const std::string& token : tokens) text += token;
  } else {
    for (size_t i = 0; i < tokens.size(); ++i) text += (i == 0 ? "" : " ") + tokens[i];
  }
  text = utf8::sanitized(text);
  return parts_.clean_up_spaces ? without_artificial_spaces(std::move(text), false) : text;
}

std::string ComposedTokenizer::token_bytes(TokenId id) const {
  std::string token(text_of(id).value_or(""));
  if (parts_.decoder) parts_.decoder->apply_to_one(token);
  return token;
}

bool ComposedTokenizer::concatenates_bytes() const {
  return parts_.decoder && parts_.decoder->concatenates_bytes() && !parts_.clean_up_spaces;
}

std::optional<TokenId> ComposedTokenizer::id_of(std::string_view token) const {
  const auto added = parts_.added.id_of(token);
  return added ? added : parts_.model->vocabulary().id_of(token);
}

bool ComposedTokenizer::is_special(TokenId id) const {
  const auto* added = parts_.added.find(id);
  return added != nullptr && added->token.special;
}

std::optional<std::string> ComposedTokenizer::special_token(std::string_view name) const {
  const auto found = parts_.special_tokens.find(name);
  return found == parts_.special_tokens.end() ? std::nullopt : std::optional(found->second);
}

int64_t ComposedTokenizer::size() const {
  return static_cast<int64_t>(std::max(parts_.model->vocabulary().largest_id(), parts_.added.largest_id())) +
         1;
}

}  // namespace millrace
