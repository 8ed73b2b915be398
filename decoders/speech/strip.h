#pragma once
#include <string_view>

namespace millrace {

// `text` (UTF-8) without the white space around it: all that Unicode calls so, as Python's str.strip.
std::string_view strip(std::string_view text);

}  // namespace millrace
