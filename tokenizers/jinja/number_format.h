#pragma once
#include <string>
#include <string_view>

namespace millrace::jinja {

constexpr int kMostPrecision = 1000;   // digits after the point
constexpr int kMostWidth = 1'000'000;  // characters of a padded field

// A number's digits without its sign, by a letter of the printf family: e E f F g G. `alternate` keeps the
// point and the zeros at the end.
std::string float_digits(double magnitude, char letter, int precision, bool alternate);

// The digits of a whole number without its sign in base 2, 8, 10 or 16.
std::string whole_digits(uint64_t magnitude, int base, bool upper);
uint64_t magnitude_of(int64_t number);

// `digits` with `separator` between groups of `size`, of the part before the point.
std::string grouped(std::string_view digits, char separator, size_t size);

// The code points that `text` lacks to `width`, on the sides that `align` (< > ^) leaves.
std::string padded(std::string_view text, size_t width, char32_t fill, char align);

}  // namespace millrace::jinja
