#include "decoders/speech/word_splitting.h"

#include "decoders/speech/languages.h"
#include "decoders/speech/strip.h"

namespace millrace {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kPunctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

}  // namespace

std::vector<TokenWord> split_on_characters(const Tokenizer& tokenizer, std::span<const TokenId> tokens) {
  const std::string whole = tokenizer.decode(tokens);
  std::vector<TokenWord> words;
  size_t begin = 0;   // of the group, in tokens
  size_t offset = 0;  // of the group, in bytes of the whole text
  for (size_t end = 1; end <= tokens.size(); ++end) {
    std::string text = tokenizer.decode(tokens.subspan(begin, end - begin));
    const size_t broken = text.find(kReplacement);
    const bool is_whole =
        broken == std::string::npos || whole.compare(offset + broken, kReplacement.size(), kReplacement) == 0;
    if (!is_whole && end < tokens.size()) continue;
    offset = std::min(whole.size(), offset + text.size());
    words.push_back(
        {std::move(text),
         {tokens.begin() + static_cast<ptrdiff_t>(begin), tokens.begin() + static_cast<ptrdiff_t>(end)}});
    begin = end;
  }
  return words;
}

std::vector<TokenWord> split_words(const Tokenizer& tokenizer, std::span<const TokenId> tokens,
                                   std::string_view language) {
  auto groups = split_on_characters(tokenizer, tokens);
  if (is_written_without_spaces(language)) return groups;
  std::vector<TokenWord> words;
  for (TokenWord& group : groups) {
    const bool begins_word = words.empty() || group.text.starts_with(' ') ||
                             kPunctuation.find(strip(group.text)) != std::string_view::npos;
    if (begins_word) {
      words.push_back(std::move(group));
    } else {
      words.back().text += group.text;
      words.back().tokens.insert(words.back().tokens.end(), group.tokens.begin(), group.tokens.end());
    }
  }
  return words;
}

}  // namespace millrace
