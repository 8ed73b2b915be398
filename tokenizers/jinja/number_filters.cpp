#include <algorithm>
#include <cmath>
#include <string>

#include "base/utf8.h"
#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/float_text.h"
#include "tokenizers/jinja/number_text.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

Value absolute(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("abs", arguments, {});
  if (input.is_undefined()) fail_undefined(input);
  if (!input.is_number()) fail(ErrorKind::input, "bad operand type for abs(): '{}'", type_name(input));
  if (input.is_float()) return std::abs(*input.number());
  return *input.index() < 0 ? negate(input) : Value(*input.index());
}

Value truncated(double number) {
  if (std::abs(number) >= 0x1p63) fail(ErrorKind::input, "a whole number grew beyond 64 bits");
  return static_cast<int64_t>(std::trunc(number));
}

Value to_int(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("int", arguments, {"default", "base"});
  const Value fallback = bound.value(0, 0);
  if (input.is_undefined()) fail_undefined(input);
  if (const auto whole = input.index()) return *whole;
  if (input.is_float()) {
    if (std::isinf(*input.number())) fail(ErrorKind::input, "cannot convert float infinity to integer");
    return std::isnan(*input.number()) ? fallback : truncated(*input.number());
  }
  if (!input.is_text()) return fallback;
  if (const auto whole = parse_whole(input.bytes(), bound.whole(1, 10))) return *whole;
  const auto number = parse_float(input.bytes());
  return number && std::isfinite(*number) ? truncated(*number) : fallback;
}

Value to_float(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("float", arguments, {"default"});
  if (input.is_undefined()) fail_undefined(input);
  if (const auto number = input.number()) return *number;
  const auto number = input.is_text() ? parse_float(input.bytes()) : std::nullopt;
  return number ? Value(*number) : bound.value(0, 0.0);
}

// round(number, digits), correctly: half goes to even by what the number is, not how it looks.
Value rounded(const Value& number, int64_t digits) {
  if (const auto whole = number.index()) {
    if (digits >= 0) return *whole;
    if (digits < -18) return 0;
    int64_t unit = 1;
    for (int64_t i = 0; i > digits; --i) unit *= 10;
    const int64_t rest = ((*whole % unit) + unit) % unit, down = *whole - rest;
    const bool up = rest * 2 > unit || (rest * 2 == unit && (down / unit) % 2 != 0);
    return up ? down + unit : down;
  }
  const double value = *number.number();
  if (!std::isfinite(value) || digits > 300) return value;
  if (digits >= 0) return std::strtod(fmt::format("{:.{}f}", value, digits).c_str(), nullptr);
  if (digits < -308) return std::copysign(0.0, value);
  const double unit = std::pow(10.0, static_cast<double>(-digits));
  return std::nearbyint(value / unit) * unit;
}

Value round(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("round", arguments, {"precision", "method"});
  const std::string method = bound.has(1) ? bound.text(1) : "common";
  if (method != "common" && method != "ceil" && method != "floor")
    fail(ErrorKind::input, "method must be common, ceil or floor");
  const int64_t digits = bound.whole(0, 0);
  if (input.is_undefined() && method != "common") fail_undefined(input);
  if (!input.is_number()) fail(ErrorKind::input, "type {} doesn't define __round__ method", type_name(input));
  if (method == "common") return rounded(input, digits);
  const Value unit = apply(Operator::power, 10, digits);
  const Value scaled = apply(Operator::multiply, input, unit);
  const double number = *scaled.number();
  if (!std::isfinite(number))
    fail(ErrorKind::input, "cannot convert float {} to integer", float_text(number));
  const Value whole =
      scaled.is_int() ? scaled : truncated(method == "ceil" ? std::ceil(number) : std::floor(number));
  return apply(Operator::divide, whole, unit);
}

Value filesizeformat(Evaluation&, const Value& input, const Arguments& arguments) {
  const Bound bound("filesizeformat", arguments, {"binary"});
  const auto number = input.is_text() ? parse_float(input.bytes()) : input.number();
  if (!number) bound.refuse("wants a number, got {}", type_name(input));
  const bool binary = bound.truth(0);
  const double base = binary ? 1024 : 1000;
  if (*number == 1) return Value("1 Byte");
  if (*number < base) return Value(fmt::format("{} Bytes", static_cast<int64_t>(*number)));
  constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base;
  for (size_t i = 0; i < kPrefixes.size(); ++i) {
    unit *= base;
    if (*number < unit || i + 1 == kPrefixes.size()) {
      const char prefix = binary && i == 0 ? 'K' : kPrefixes[i];
      return Value(fmt::format("{:.1f} {}{}", base * *number / unit, prefix, binary ? "iB" : "B"));
    }
  }
  return Value();
}

constexpr FilterEntry kFilters[] = {
    {"abs", absolute, true},
    {"int", to_int, true},
    {"float", to_float, true},
    {"round", round, true},
    {"filesizeformat", filesizeformat, true},
};

}  // namespace

std::span<const FilterEntry> number_filters() { return kFilters; }

}  // namespace millrace::jinja
