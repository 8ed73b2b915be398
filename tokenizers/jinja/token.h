#pragma once
#include <cstdint>
#include <string>

namespace millrace::jinja {

// A word of a template. Names and operators are told apart by their text.
struct Token {
  enum class Kind : uint8_t {
    data,            // text to print as it is
    block_begin,     // {%
    block_end,       // %}
    variable_begin,  // {{
    variable_end,    // }}
    name,
    string,  // unescaped
    integer,
    decimal,
    op,  // an operator or bracket
    end
  };
  Kind kind;
  std::string text;
  size_t at;  // byte of the source

  bool is(Kind wanted, std::string_view word) const { return kind == wanted && text == word; }
};

}  // namespace millrace::jinja
