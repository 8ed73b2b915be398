#pragma once
#include <string>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

struct JsonStyle {
  std::optional<std::string> indent;  // of one level; none: all on one line
  std::string item_separator = ", ", key_separator = ": ";
  bool ascii = false, sorted = false;
};

// As Python's json.dumps writes it. What JSON has no form for is an error.
std::string json_text(const Value& value, const JsonStyle& style);

}  // namespace millrace::jinja
