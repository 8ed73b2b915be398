#include "decoders/generation/sentences.h"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace {
namespace {

// Full stops, question and exclamation marks of scripts without spaces between sentences.
constexpr std::array<std::string_view, 3> kWideEnds = {"。", "！", "？"};

bool ends_sentence(char c) { return c == '.' || c == '!' || c == '?'; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool closes(char c) { return c == '"' || c == '\'' || c == ')' || c == ']' || c == '*'; }

}  // namespace

std::vector<std::string> Sentences::push(std::string_view piece) {
  text_ += piece;
  std::vector<std::string> complete;
  while (const size_t end = end_of_first()) {
    complete.push_back(text_.substr(0, end));
    text_.erase(0, end);
  }
  return complete;
}

std::string Sentences::finish() { return std::exchange(text_, {}); }

// The first sentence's length with the white space after it; 0 where none is complete. Only with that space
// it is known that a full stop is none in the middle of a number or a name.
size_t Sentences::end_of_first() const {
  for (size_t i = 0; i < text_.size(); ++i) {
    const std::string_view rest = std::string_view(text_).substr(i);
    for (const std::string_view end : kWideEnds)
      if (rest.starts_with(end)) return i + end.size();
    if (text_[i] == '\n') return i + 1;
    if (!ends_sentence(text_[i])) continue;
    size_t after = i + 1;
    while (after < text_.size() && (closes(text_[after]) || ends_sentence(text_[after]))) ++after;
    if (after < text_.size() && is_space(text_[after])) return after + 1;
  }
  if (text_.size() <= longest_) return 0;
  const size_t space = text_.rfind(' ', longest_);
  if (space != std::string::npos && space > 0) return space + 1;
  size_t cut = longest_;  // between two characters
  while (cut > 1 && (static_cast<unsigned char>(text_[cut]) & 0xC0) == 0x80) --cut;
  return cut;
}

}  // namespace millrace
