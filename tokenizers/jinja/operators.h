#pragma once
#include <string_view>

#include "tokenizers/jinja/syntax.h"
#include "tokenizers/jinja/value.h"

// Arithmetic as Python does it. Whole numbers have 64 bits: what grows beyond them is an error, never wrong.
namespace millrace::jinja {

Value apply(Operator op, const Value& left, const Value& right);
Value add(const Value& left, const Value& right);
Value modulo(const Value& left, const Value& right);
Value negate(const Value& value);
Value plus(const Value& value);

// left SIGN right, with <, <=, > or >=.
bool ordered(const Value& left, std::string_view sign, const Value& right);

// sequence[begin:end:step] of a text, list, tuple or range; the ends may be None.
Value slice_of(const Value& sequence, const Value& begin, const Value& end, const Value& step);

}  // namespace millrace::jinja
