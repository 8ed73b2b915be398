#pragma once
#include <string>

#include "tokenizers/jinja/source.h"

namespace millrace::jinja {

// The string that the literal between the quotes at [begin, end) of the source stands for, by Python's
// escapes: "\n", "\x41", "\u0041", "\101". Bad ones are Error(model).
std::string unescape(const Source& source, size_t begin, size_t end);

}  // namespace millrace::jinja
