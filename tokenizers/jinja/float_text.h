#pragma once
#include <string>

namespace millrace::jinja {

// A float as Python's repr() writes it: the shortest digits that give it back, with a point or an exponent.
std::string float_text(double number);

}  // namespace millrace::jinja
