#include "tokenizers/word_piece.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

TokenId unknown_of(const Vocabulary& vocabulary, std::string_view unknown, std::string_view word) {
  const auto id = vocabulary.id_of(unknown);
  if (!id)
    fail(ErrorKind::model, "the vocabulary has no token for '{}', nor the unknown token '{}'",
         word.substr(0, 64), unknown);
  return *id;
}

}  // namespace

WordPiece::WordPiece(Vocabulary vocabulary, Options options)
    : SubwordModel(std::move(vocabulary)), options_(std::move(options)), longest_(vocabulary_.longest()) {}

void WordPiece::tokenize(std::string_view word, std::vector<TokenId>& ids) const {
  const auto characters = std::count_if(word.begin(), word.end(), [](char c) { return (c & 0xC0) != 0x80; });
  const size_t first = ids.size();
  std::string piece;
  for (size_t begin = 0; begin < word.size() && characters <= options_.most_characters;) {
    piece = begin == 0 ? "" : options_.continuing_prefix;
    const size_t prefix = piece.size();
    size_t end = std::min(word.size(), begin + longest_);
    while (end < word.size() && (word[end] & 0xC0) == 0x80) --end;
    piece += word.substr(begin, end - begin);
    auto id = vocabulary_.id_of(piece);
    while (!id && piece.size() > prefix) {
      while ((piece.back() & 0xC0) == 0x80) piece.pop_back();
      piece.pop_back();
      if (piece.size() > prefix) id = vocabulary_.id_of(piece);
    }
    if (!id) break;
    ids.push_back(*id);
    begin += piece.size() - prefix;
    if (begin == word.size()) return;
  }
  ids.resize(first);
  ids.push_back(unknown_of(vocabulary_, options_.unknown, word));
}

void WordLevel::tokenize(std::string_view word, std::vector<TokenId>& ids) const {
  const auto id = vocabulary_.id_of(word);
  ids.push_back(id ? *id : unknown_of(vocabulary_, unknown_, word));
}

}  // namespace millrace
