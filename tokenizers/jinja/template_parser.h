#pragma once
#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/syntax.h"

namespace millrace::jinja {

// The statements of a template. What is none, and what only other templates could give (include, import,
// extends), is Error(model) with its place.
Body parse_template(const Source& source);

}  // namespace millrace::jinja
