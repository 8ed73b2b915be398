#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace millrace {

// A text with the name under which errors speak of it.
struct SourceText {
  std::string name, text;

  std::string_view line(int number) const;  // 1 is the first; without its end; empty beyond the last
};

// A stretch of one line of a text, or the text as a whole (line 0).
struct Place {
  std::shared_ptr<const SourceText> source;
  int line = 0, column = 0;  // 1 is the first; columns count bytes
  int length = 1;

  std::string to_string() const;  // "file:12:5", or "file" where there is no line
};

}  // namespace millrace
