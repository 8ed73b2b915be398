#pragma once
#include <string>
#include <string_view>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

std::string to_text(const Value& value);    // Python's str(), which is what templates print
std::string to_repr(const Value& value);    // Python's repr()
std::string quoted(std::string_view text);  // repr() of a string

// What str() of a value gives, kept as it is where it is a text, with its mark of being HTML.
Value as_text(const Value& value);

std::string escape_html(std::string_view text);

}  // namespace millrace::jinja
