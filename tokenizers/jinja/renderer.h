#pragma once
#include <string>

#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/syntax.h"
#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// The text that a template gives with these variables. What goes wrong, and what the template raises, is
// Error(input) with its place.
std::string render(const Source& source, const Body& body,
                   const std::vector<std::pair<std::string, Value>>& variables);

}  // namespace millrace::jinja
