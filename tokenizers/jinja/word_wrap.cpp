#include "tokenizers/jinja/word_wrap.h"

#include <algorithm>

#include "tokenizers/jinja/budget.h"
#include "tokenizers/jinja/code_points.h"

namespace millrace::jinja {
namespace {

bool is_blank(char32_t c) {
  return (c >= 9 && c <= 13) || c == ' ';
}  // textwrap knows ASCII's white space alone
bool is_word_part(char32_t c) { return c == '_' || is_alphabetic(c) || is_numeric(c); }
bool is_letter(char32_t c) { return is_word_part(c) && !is_decimal(c); }

using Chunks = std::vector<std::u32string>;

// Where a run of characters that are not blank may be parted behind a hyphen: letters stand on both sides.
void split_at_hyphens(std::u32string_view run, Chunks& chunks) {
  size_t begin = 0;
  for (size_t i = 0; i < run.size(); ++i) {
    if (run[i] != '-') continue;
    size_t dashes = i;
    while (dashes < run.size() && run[dashes] == '-') ++dashes;
    constexpr std::u32string_view kBefore = U"!\"'&.,?";
    const auto word_or_punctuation = [&](char32_t c) {
      return is_word_part(c) || kBefore.find(c) != std::u32string_view::npos;
    };
    if (dashes - i >= 2 && i > begin && word_or_punctuation(run[i - 1]) && dashes < run.size() &&
        is_word_part(run[dashes])) {
      chunks.emplace_back(run.substr(begin, i - begin));  // an em-dash is a chunk of its own
      chunks.emplace_back(run.substr(i, dashes - i));
      begin = dashes;
      i = dashes - 1;
      continue;
    }
    const bool letters_before =
        i >= begin + 2 && is_letter(run[i - 1]) &&
        (is_letter(run[i - 2]) || (run[i - 2] == '-' && i >= begin + 3 && is_letter(run[i - 3])));
    const bool letters_after =
        i + 2 < run.size() && is_letter(run[i + 1]) && (is_letter(run[i + 2]) || run[i + 2] == '-');
    if (dashes - i == 1 && letters_before && letters_after) {
      chunks.emplace_back(run.substr(begin, i + 1 - begin));
      begin = i + 1;
    } else {
      i = dashes - 1;
    }
  }
  if (begin < run.size()) chunks.emplace_back(run.substr(begin));
}

Chunks chunks_of(std::u32string_view line, bool hyphens) {
  Chunks chunks;
  for (size_t i = 0; i < line.size();) {
    size_t end = i;
    while (end < line.size() && is_blank(line[end]) == is_blank(line[i])) ++end;
    const std::u32string_view run = line.substr(i, end - i);
    hyphens && !is_blank(line[i]) ? split_at_hyphens(run, chunks) : (void)chunks.emplace_back(run);
    i = end;
  }
  return chunks;
}

bool all_blank(const std::u32string& chunk) { return std::all_of(chunk.begin(), chunk.end(), is_space); }

}  // namespace

std::vector<std::string> wrapped_lines(std::string_view text, const WordWrap& wrap) {
  if (wrap.width <= 0) fail(ErrorKind::input, "invalid width {} (must be > 0)", wrap.width);
  const auto width = static_cast<size_t>(wrap.width);
  Chunks left = chunks_of(decode(text), wrap.break_on_hyphens);
  std::reverse(left.begin(), left.end());
  std::vector<std::string> lines;
  while (!left.empty()) {
    Chunks line;
    size_t length = 0;
    if (!lines.empty() && all_blank(left.back())) left.pop_back();
    while (!left.empty() && length + left.back().size() <= width) {
      length += left.back().size();
      line.push_back(std::move(left.back()));
      left.pop_back();
    }
    if (!left.empty() && left.back().size() > width) {
      if (wrap.break_long_words) {
        size_t space = width - length, cut = space;
        // Behind its last hyphen that is not among the first characters, where it has one.
        if (wrap.break_on_hyphens && left.back().size() > space) {
          const size_t hyphen = space == 0 ? std::u32string::npos : left.back().rfind(U'-', space - 1);
          const bool behind_other =
              hyphen != std::u32string::npos && hyphen > 0 &&
              std::any_of(left.back().begin(), left.back().begin() + static_cast<std::ptrdiff_t>(hyphen),
                          [](char32_t c) { return c != '-'; });
          if (behind_other) cut = hyphen + 1;
        }
        line.push_back(left.back().substr(0, cut));
        left.back().erase(0, cut);
      } else if (line.empty()) {
        line.push_back(std::move(left.back()));
        left.pop_back();
      }
    }
    if (!line.empty() && all_blank(line.back())) line.pop_back();
    if (line.empty()) continue;
    std::string joined;
    for (const std::u32string& chunk : line) joined += encode(chunk);
    lines.push_back(std::move(joined));
  }
  return lines;
}

}  // namespace millrace::jinja
