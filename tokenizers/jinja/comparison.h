#pragma once
#include <compare>
#include <cstddef>
#include <string>

#include "tokenizers/jinja/value.h"

// How values compare, as in Python.
namespace millrace::jinja {

std::string type_name(const Value& value);  // as type(value).__name__
[[noreturn]] void fail_undefined(const Value& undefined);

bool truth(const Value& value);
bool equal(const Value& left, const Value& right);
// left < right. Values that have no order are an error.
bool less(const Value& left, const Value& right, const char* sign = "<");
bool contains(const Value& container, const Value& item);  // item in container
// Equal values have equal hashes. Lists and mappings are an error.
size_t hash_of(const Value& value);

}  // namespace millrace::jinja
