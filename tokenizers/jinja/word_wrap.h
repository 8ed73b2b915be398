#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::jinja {

struct WordWrap {
  int64_t width;  // characters
  bool break_long_words, break_on_hyphens;
};

// A line as lines of at most that width, as Python's textwrap.wrap parts it (tabs and line ends stay).
std::vector<std::string> wrapped_lines(std::string_view line, const WordWrap& wrap);

}  // namespace millrace::jinja
