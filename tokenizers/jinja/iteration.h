#pragma once
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizers/jinja/value.h"

// Walking over values, as Python's iter(), list(), len() and reversed() do.
namespace millrace::jinja {

bool is_iterable(const Value& value);
Iterator iterate(const Value& value);             // what cannot be walked over is an error
std::vector<Value> to_items(const Value& value);  // list(value)
std::optional<size_t> length_of(const Value& value);
std::optional<Iterator> iterate_backwards(const Value& value);

Iterator iterate_items(std::vector<Value> items);

// The characters of a text as texts.
std::vector<Value> characters(std::string_view text);

}  // namespace millrace::jinja
