#include "tokenizers/jinja/attribute_path.h"

#include <algorithm>
#include <charconv>

#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/methods.h"

namespace millrace::jinja {

AttributePath::AttributePath(const Value& attribute) {
  if (attribute.is_none()) return;
  if (!attribute.is_text()) {
    parts_.push_back(attribute);
    return;
  }
  for (const std::string_view part : split(attribute.bytes(), ".", -1, false)) {
    int64_t number = 0;
    const bool digits =
        !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits && std::from_chars(part.data(), part.data() + part.size(), number).ec == std::errc()) {
      parts_.emplace_back(number);
    } else {
      parts_.emplace_back(part);
    }
  }
}

Value AttributePath::of(Evaluation& evaluation, const Value& item, const Value& absent) const {
  Value value = item;
  for (const Value& part : parts_) {
    value = evaluation.item(value, part);
    if (value.is_undefined() && !absent.is_none()) value = absent;
  }
  return value;
}

Value without_case(const Value& value) { return value.is_text() ? Value(to_lower(value.bytes())) : value; }

}  // namespace millrace::jinja
