#pragma once
#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// format % values: Python's printf-like formatting. `values` is a tuple, a mapping, or the one value.
Value printf_format(const Value& format, const Value& values);

}  // namespace millrace::jinja
