#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/methods.h"

namespace millrace::jinja {
namespace {

using Pieces = std::vector<std::string_view>;

bool may_split(const Pieces& pieces, int64_t most) {
  return most < 0 || static_cast<int64_t>(pieces.size()) < most;
}

Pieces split_at(std::string_view text, std::string_view separator, int64_t most) {
  Pieces pieces;
  while (may_split(pieces, most)) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) break;
    pieces.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  pieces.push_back(text);
  return pieces;
}

Pieces split_at_from_right(std::string_view text, std::string_view separator, int64_t most) {
  Pieces pieces;
  while (may_split(pieces, most)) {
    const size_t at = text.rfind(separator);
    if (at == std::string_view::npos) break;
    pieces.push_back(text.substr(at + separator.size()));
    text = text.substr(0, at);
  }
  pieces.push_back(text);
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

size_t word_end(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto [code, size] = utf8::decode_at(text, at);
    if (is_space(code)) return at;
    at += size;
  }
  return text.size();
}

size_t last_word_begin(std::string_view text) {
  for (size_t end = text.size(); end > 0;) {
    size_t at = end - 1;
    while (at > 0 && (text[at] & 0xC0) == 0x80) --at;
    if (is_space(utf8::decode_at(text, at).code)) return end;
    end = at;
  }
  return 0;
}

Pieces words(std::string_view text, int64_t most) {
  Pieces pieces;
  for (text = strip(text, Ends::left); !text.empty(); text = strip(text, Ends::left)) {
    if (!may_split(pieces, most)) {
      pieces.push_back(text);
      break;
    }
    const size_t end = word_end(text);
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

Pieces words_from_right(std::string_view text, int64_t most) {
  Pieces pieces;
  for (text = strip(text, Ends::right); !text.empty(); text = strip(text, Ends::right)) {
    if (!may_split(pieces, most)) {
      pieces.push_back(text);
      break;
    }
    const size_t begin = last_word_begin(text);
    pieces.push_back(text.substr(begin));
    text = text.substr(0, begin);
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

bool ends_line(char32_t c) {
  return (c >= 0xA && c <= 0xD) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

Pieces split(std::string_view text, std::optional<std::string_view> separator, int64_t most,
             bool from_right) {
  if (!separator) return from_right ? words_from_right(text, most) : words(text, most);
  if (separator->empty()) fail(ErrorKind::input, "empty separator");
  return from_right ? split_at_from_right(text, *separator, most) : split_at(text, *separator, most);
}

Pieces split_lines(std::string_view text, bool keep_ends) {
  Pieces lines;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    auto [code, size] = utf8::decode_at(text, at);
    if (ends_line(code)) {
      if (code == '\r' && at + 1 < text.size() && text[at + 1] == '\n') size = 2;
      lines.push_back(text.substr(begin, (keep_ends ? at + size : at) - begin));
      begin = at + size;
    }
    at += size;
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with, int64_t most) {
  std::string out;
  if (most == 0) return std::string(text);
  int64_t done = 0;
  if (old.empty()) {  // between all characters, and at both ends
    size_t at = 0;
    for (; most < 0 || done < most; ++done) {
      out += with;
      check_text_size(out.size());
      if (at == text.size()) return out;
      const size_t size = utf8::decode_at(text, at).size;
      out.append(text.substr(at, size));
      at += size;
    }
    return out.append(text.substr(at));
  }
  for (; most < 0 || done < most; ++done) {
    const size_t at = text.find(old);
    if (at == std::string_view::npos) break;
    out.append(text.substr(0, at)).append(with);
    check_text_size(out.size());
    text.remove_prefix(at + old.size());
  }
  return out.append(text);
}

}  // namespace millrace::jinja
