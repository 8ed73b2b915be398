#include "tokenizers/jinja/tests.h"

#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/code_points.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

template <bool (*holds)(const Value&)>
Value plain(const Value& subject, const Arguments& arguments) {
  const Bound bound("test", arguments, {});
  return holds(subject);
}

template <bool (*holds)(const Value&, const Value&)>
Value against(const Value& subject, const Arguments& arguments) {
  const Bound bound("test", arguments, {"other"}, 1);
  return holds(subject, bound[0]);
}

bool is_true(const Value& value) { return value.is_bool() && truth(value); }
bool is_false(const Value& value) { return value.is_bool() && !truth(value); }

bool has_remainder(const Value& value, const Value& divisor, int64_t remainder) {
  return equal(modulo(value, divisor), Value(remainder));
}
bool is_odd(const Value& value) { return has_remainder(value, 2, 1); }
bool is_even(const Value& value) { return has_remainder(value, 2, 0); }
bool is_divisible(const Value& value, const Value& divisor) { return has_remainder(value, divisor, 0); }

// All letters that have case have this one, and there are some.
bool all_of_case(const Value& value, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
  bool found = false;
  for (const char32_t code : decode(to_text(value))) {
    if (other(code) || is_title(code)) return false;
    found = found || wanted(code);
  }
  return found;
}
bool is_lower_text(const Value& value) { return all_of_case(value, is_lower, is_upper); }
bool is_upper_text(const Value& value) { return all_of_case(value, is_upper, is_lower); }

bool is_mapping(const Value& value) {
  return value.is_dict() || (value.is_object() && value.object()->is_mapping());
}
bool is_sequence(const Value& value) {
  if (value.is_object()) return value.object()->is_sequence();
  return length_of(value).has_value();
}
bool is_callable(const Value& value) {
  return value.is_undefined() || (value.is_object() && value.object()->callable());
}
bool is_filter(const Value& value) { return value.is_text() && find_filter(value.bytes()); }
bool is_test(const Value& value) { return value.is_text() && find_test(value.bytes()); }
bool is_escaped(const Value& value) { return value.is_text() && value.text().markup; }

bool same(const Value& left, const Value& right) {
  if (left.data().index() != right.data().index()) return false;
  if (left.identity() || right.identity()) {
    // Python keeps one copy of short strings.
    const bool short_texts = left.is_text() && right.is_text() && left.bytes() == right.bytes();
    return left.identity() == right.identity() || short_texts;
  }
  if (left.is_undefined()) return false;
  return equal(left, right);
}

bool not_equal(const Value& left, const Value& right) { return !equal(left, right); }
bool greater(const Value& left, const Value& right) { return ordered(left, ">", right); }
bool greater_equal(const Value& left, const Value& right) { return ordered(left, ">=", right); }
bool less_than(const Value& left, const Value& right) { return ordered(left, "<", right); }
bool less_equal(const Value& left, const Value& right) { return ordered(left, "<=", right); }
bool is_in(const Value& item, const Value& container) { return contains(container, item); }

bool is_defined(const Value& value) { return !value.is_undefined(); }
bool is_undefined(const Value& value) { return value.is_undefined(); }
bool is_none(const Value& value) { return value.is_none(); }
bool is_boolean(const Value& value) { return value.is_bool(); }
bool is_integer(const Value& value) { return value.is_int(); }
bool is_float(const Value& value) { return value.is_float(); }
bool is_number(const Value& value) { return value.is_number(); }
bool is_string(const Value& value) { return value.is_text(); }

constexpr TestEntry kTests[] = {
    {"defined", plain<is_defined>},   {"undefined", plain<is_undefined>},
    {"none", plain<is_none>},         {"string", plain<is_string>},
    {"mapping", plain<is_mapping>},   {"iterable", plain<is_iterable>},
    {"sequence", plain<is_sequence>}, {"number", plain<is_number>},
    {"boolean", plain<is_boolean>},   {"integer", plain<is_integer>},
    {"float", plain<is_float>},       {"true", plain<is_true>},
    {"false", plain<is_false>},       {"odd", plain<is_odd>},
    {"even", plain<is_even>},         {"divisibleby", against<is_divisible>},
    {"lower", plain<is_lower_text>},  {"upper", plain<is_upper_text>},
    {"callable", plain<is_callable>}, {"sameas", against<same>},
    {"escaped", plain<is_escaped>},   {"filter", plain<is_filter>},
    {"test", plain<is_test>},         {"in", against<is_in>},
    {"==", against<equal>},           {"eq", against<equal>},
    {"equalto", against<equal>},      {"!=", against<not_equal>},
    {"ne", against<not_equal>},       {">", against<greater>},
    {"gt", against<greater>},         {"greaterthan", against<greater>},
    {">=", against<greater_equal>},   {"ge", against<greater_equal>},
    {"<", against<less_than>},        {"lt", against<less_than>},
    {"lessthan", against<less_than>}, {"<=", against<less_equal>},
    {"le", against<less_equal>},
};

}  // namespace

const TestEntry* find_test(std::string_view name) {
  for (const TestEntry& entry : kTests)
    if (entry.name == name) return &entry;
  return nullptr;
}

}  // namespace millrace::jinja
