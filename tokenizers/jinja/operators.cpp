#include "tokenizers/jinja/operators.h"

#include <algorithm>
#include <cmath>

#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/printf_format.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

std::string_view sign_of(Operator op) {
  constexpr std::string_view kSigns[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};
  return kSigns[static_cast<size_t>(op)];
}

[[noreturn]] void fail_operands(Operator op, const Value& left, const Value& right) {
  fail(ErrorKind::input, "unsupported operand type(s) for {}: '{}' and '{}'", sign_of(op), type_name(left),
       type_name(right));
}

[[noreturn]] void fail_overflow() { fail(ErrorKind::input, "a whole number grew beyond 64 bits"); }

int64_t floor_quotient(int64_t a, int64_t b) {
  if (a == INT64_MIN && b == -1) fail_overflow();
  const int64_t quotient = a / b;
  return a % b != 0 && (a % b < 0) != (b < 0) ? quotient - 1 : quotient;
}

int64_t floor_remainder(int64_t a, int64_t b) {
  if (b == -1) return 0;
  const int64_t remainder = a % b;
  return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

double floor_remainder(double a, double b) {
  const double remainder = std::fmod(a, b);
  if (remainder == 0) return std::copysign(0.0, b);
  return (remainder < 0) != (b < 0) ? remainder + b : remainder;
}

double floor_quotient(double a, double b) {
  const double remainder = std::fmod(a, b);
  double quotient = (a - remainder) / b;
  if (remainder != 0 && (b < 0) != (remainder < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double whole = std::floor(quotient);
  return quotient - whole > 0.5 ? whole + 1 : whole;
}

int64_t whole_power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  while (true) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) fail_overflow();
    exponent >>= 1;
    if (exponent == 0) return result;
    if (__builtin_mul_overflow(base, base, &base)) fail_overflow();
  }
}

Value whole_arithmetic(Operator op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Operator::add:
      if (__builtin_add_overflow(a, b, &result)) fail_overflow();
      return result;
    case Operator::subtract:
      if (__builtin_sub_overflow(a, b, &result)) fail_overflow();
      return result;
    case Operator::multiply:
      if (__builtin_mul_overflow(a, b, &result)) fail_overflow();
      return result;
    case Operator::divide:
      if (b == 0) fail(ErrorKind::input, "division by zero");
      return static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b));
    case Operator::floor_divide:
      if (b == 0) fail(ErrorKind::input, "integer division or modulo by zero");
      return floor_quotient(a, b);
    case Operator::modulo:
      if (b == 0) fail(ErrorKind::input, "integer modulo by zero");
      return floor_remainder(a, b);
    case Operator::power:
      if (b >= 0)
        return a == 0 || a == 1 || a == -1 ? whole_power(a, b == 0 ? 0 : 2 - (b & 1)) : whole_power(a, b);
      if (a == 0) fail(ErrorKind::input, "0.0 cannot be raised to a negative power");
      return std::pow(static_cast<double>(a), static_cast<double>(b));
  }
  return {};
}

Value float_arithmetic(Operator op, double a, double b) {
  switch (op) {
    case Operator::add:
      return a + b;
    case Operator::subtract:
      return a - b;
    case Operator::multiply:
      return a * b;
    case Operator::divide:
      if (b == 0) fail(ErrorKind::input, "float division by zero");
      return a / b;
    case Operator::floor_divide:
      if (b == 0) fail(ErrorKind::input, "float floor division by zero");
      return floor_quotient(a, b);
    case Operator::modulo:
      if (b == 0) fail(ErrorKind::input, "float modulo");
      return floor_remainder(a, b);
    case Operator::power: {
      if (a == 0 && b < 0) fail(ErrorKind::input, "0.0 cannot be raised to a negative power");
      if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b))
        fail(ErrorKind::input, "the power is a complex number, which templates do not have");
      const double result = std::pow(a, b);
      if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
        fail(ErrorKind::input, "(34, 'Numerical result out of range')");
      return result;
    }
  }
  return {};
}

std::vector<Value> repeated(const std::vector<Value>& items, int64_t times) {
  std::vector<Value> result;
  if (items.empty() || times <= 0) return result;
  if (times > kMostWeight / static_cast<int64_t>(items.size()))
    fail(ErrorKind::input, "a list grew beyond {} values; the template runs away", kMostWeight);
  for (int64_t i = 0; i < times; ++i) result.insert(result.end(), items.begin(), items.end());
  return result;
}

Value repeated(const Value& value, int64_t times) {
  if (!value.is_text())
    return value.is_list() ? Value::list(repeated(value.items(), times))
                           : Value::tuple(repeated(value.items(), times));
  const std::string& unit = value.bytes();
  std::string text;
  if (times > 0 && !unit.empty()) {
    check_text_size(static_cast<uint64_t>(times) > kMostTextBytes ? kMostTextBytes + 1
                                                                  : unit.size() * static_cast<size_t>(times));
    for (int64_t i = 0; i < times; ++i) text += unit;
  }
  return value.text().markup ? Value::markup(std::move(text)) : Value(std::move(text));
}

bool is_row(const Value& value) { return value.is_text() || value.is_list() || value.is_tuple(); }

std::string html_of(const Value& value) {
  return value.text().markup ? value.bytes() : escape_html(value.bytes());
}

Value concatenated(const Value& left, const Value& right) {
  if (left.is_text()) {
    check_text_size(left.bytes().size() + right.bytes().size());
    if (left.text().markup || right.text().markup) return Value::markup(html_of(left) + html_of(right));
    return Value(left.bytes() + right.bytes());
  }
  std::vector<Value> items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  return left.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

}  // namespace

Value apply(Operator op, const Value& left, const Value& right) {
  const auto a = left.index(), b = right.index();
  if (a && b) return whole_arithmetic(op, *a, *b);
  if (left.is_number() && right.is_number()) return float_arithmetic(op, *left.number(), *right.number());
  if (left.is_text() && op == Operator::modulo) return printf_format(left, right);
  if (left.is_undefined()) fail_undefined(left);
  if (right.is_undefined()) fail_undefined(right);
  if (op == Operator::multiply && is_row(left) && b) return repeated(left, *b);
  if (op == Operator::multiply && is_row(right) && a) return repeated(right, *a);
  if (op == Operator::multiply && (is_row(left) || is_row(right)))
    fail(ErrorKind::input, "can't multiply sequence by non-int of type '{}'",
         type_name(is_row(left) ? right : left));
  if (op == Operator::add && is_row(left)) {
    if (left.data().index() == right.data().index()) return concatenated(left, right);
    const std::string kind = left.is_text() ? "str" : type_name(left);
    fail(ErrorKind::input, "can only concatenate {} (not \"{}\") to {}", kind, type_name(right), kind);
  }
  fail_operands(op, left, right);
}

Value add(const Value& left, const Value& right) { return apply(Operator::add, left, right); }
Value modulo(const Value& left, const Value& right) { return apply(Operator::modulo, left, right); }

Value negate(const Value& value) {
  if (value.is_undefined()) fail_undefined(value);
  if (const auto whole = value.index()) return whole_arithmetic(Operator::subtract, 0, *whole);
  if (!value.is_float()) fail(ErrorKind::input, "bad operand type for unary -: '{}'", type_name(value));
  return -*value.number();
}

Value plus(const Value& value) {
  if (value.is_undefined()) fail_undefined(value);
  if (const auto whole = value.index()) return *whole;
  if (!value.is_float()) fail(ErrorKind::input, "bad operand type for unary +: '{}'", type_name(value));
  return value;
}

bool ordered(const Value& left, std::string_view sign, const Value& right) {
  // a > b is b < a, but errors name the operands as they stand.
  if (sign == "<") return less(left, right, "<");
  if (sign == ">") {
    less(left, right, ">");
    return less(right, left, ">");
  }
  const char* shown = sign == "<=" ? "<=" : ">=";
  const bool nan =
      (left.is_float() && std::isnan(*left.number())) || (right.is_float() && std::isnan(*right.number()));
  const bool below = less(left, right, shown), above = less(right, left, shown);
  return !nan && (sign == "<=" ? !above : !below);
}

Value slice_of(const Value& sequence, const Value& begin, const Value& end, const Value& step) {
  const auto range = sequence.as<Range>();
  const int64_t length = range                ? range->count()
                         : sequence.is_text() ? static_cast<int64_t>(sequence.text().length)
                                              : static_cast<int64_t>(sequence.items().size());
  const auto bound = [](const Value& value, const char* what) -> std::optional<int64_t> {
    if (value.is_none()) return std::nullopt;
    const auto whole = value.index();
    if (!whole)
      fail(ErrorKind::input, "slice indices must be integers or None ({} is {})", what, type_name(value));
    return whole;
  };
  const int64_t stride = bound(step, "the step").value_or(1);
  if (stride == 0) fail(ErrorKind::input, "slice step cannot be zero");
  const int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? length : length - 1;
  const auto clamped = [&](std::optional<int64_t> given, int64_t absent) {
    if (!given) return absent;
    const int64_t from_start = *given < 0 ? *given + length : *given;
    return std::clamp(from_start, lowest, std::max(lowest, highest));
  };
  const int64_t first = clamped(bound(begin, "the begin"), stride > 0 ? lowest : highest);
  const int64_t last = clamped(bound(end, "the end"), stride > 0 ? highest : lowest);

  std::vector<size_t> places;
  const __int128 wide = stride;
  for (__int128 i = first; stride > 0 ? i < last : i > last; i += wide)
    places.push_back(static_cast<size_t>(i));
  if (sequence.is_text()) {
    const Text& text = sequence.text();
    std::string result;
    if (stride == 1) {
      result = places.empty() ? "" : std::string(slice(text, places.front(), places.back() + 1));
    } else {
      const std::u32string codes = decode(text.bytes);
      std::u32string picked;
      for (const size_t place : places) picked += codes[place];
      result = encode(picked);
    }
    return text.markup ? Value::markup(std::move(result)) : Value(std::move(result));
  }
  if (range) {
    const int64_t count = static_cast<int64_t>(places.size());
    const int64_t from = count > 0 ? range->at(first) : range->at(first < 0 ? 0 : first);
    const int64_t wide_step = std::clamp<int64_t>(stride, -kMostRange, kMostRange) * range->step();
    return Value(std::make_shared<Range>(from, from + count * wide_step, wide_step));
  }
  std::vector<Value> items;
  for (const size_t place : places) items.push_back(sequence.items()[place]);
  return sequence.is_list() ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

}  // namespace millrace::jinja
