#pragma once
#include <string_view>

#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// A method of a built-in type: `self.name(arguments)`.
using Method = Value (*)(Evaluation& evaluation, const Value& self, const Arguments& arguments);

// The method `name` of what `self` is; null where there is none.
Method find_method(const Value& self, std::string_view name);
// Whether it has one, but one that would change it, which the sandbox forbids.
bool is_forbidden_method(const Value& self, std::string_view name);

Method find_text_method(std::string_view name);
Method find_container_method(const Value& self, std::string_view name);

// text.split(separator, most), from the left or the right; without a separator at white space.
std::vector<std::string_view> split(std::string_view text, std::optional<std::string_view> separator,
                                    int64_t most, bool from_right);
std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends = false);
std::string replaced(std::string_view text, std::string_view old, std::string_view with, int64_t most);

}  // namespace millrace::jinja
