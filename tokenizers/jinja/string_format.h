#pragma once
#include <string>
#include <string_view>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// format.format(…): Python's formatting by replacement fields, "{0.name[key]!r:>{width}}".
Value string_format(Evaluation& evaluation, const Value& format, const Arguments& arguments);

// format(value, spec): ">10", ",.2f", "#x".
std::string format_value(const Value& value, std::string_view spec);

}  // namespace millrace::jinja
