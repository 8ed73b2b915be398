#pragma once
#include <string_view>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// A test: `subject is name(arguments)`.
struct TestEntry {
  std::string_view name;
  Value (*apply)(const Value& subject, const Arguments& arguments);
};

// Null where there is none of that name.
const TestEntry* find_test(std::string_view name);

}  // namespace millrace::jinja
