#include "tokenizers/jinja/comparison.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "tokenizers/jinja/iteration.h"

namespace millrace::jinja {
namespace {

[[noreturn]] void fail_order(const Value& left, const Value& right, const char* sign) {
  fail(ErrorKind::input, "'{}' not supported between instances of '{}' and '{}'", sign, type_name(left),
       type_name(right));
}

// Whole numbers and floats compare by what they are, not by what the one is as the other.
std::partial_ordering compare_numbers(const Value& left, const Value& right) {
  const auto a = left.index(), b = right.index();
  if (a && b) return *a <=> *b;
  const auto exact = [](const Value& value, std::optional<int64_t> whole) {
    return whole ? static_cast<long double>(*whole) : static_cast<long double>(*value.number());
  };
  return exact(left, a) <=> exact(right, b);
}

bool equal_items(const std::vector<Value>& left, const std::vector<Value>& right) {
  return left.size() == right.size() &&
         std::equal(left.begin(), left.end(), right.begin(), [](const Value& a, const Value& b) {
           return (a.identity() && a.identity() == b.identity()) || equal(a, b);
         });
}

bool equal_dicts(const Dict& left, const Dict& right) {
  if (left.entries.size() != right.entries.size()) return false;
  return std::all_of(left.entries.begin(), left.entries.end(), [&](const Dict::Entry& entry) {
    const Value* other = right.find(entry.first);
    return other && equal(entry.second, *other);
  });
}

bool less_items(const std::vector<Value>& left, const std::vector<Value>& right, const char* sign) {
  const size_t shared = std::min(left.size(), right.size());
  for (size_t i = 0; i < shared; ++i)
    if (!equal(left[i], right[i])) return less(left[i], right[i], sign);
  return left.size() < right.size();
}

}  // namespace

std::string type_name(const Value& value) {
  if (value.is_undefined()) return "Undefined";
  if (value.is_none()) return "NoneType";
  if (value.is_bool()) return "bool";
  if (value.is_int()) return "int";
  if (value.is_float()) return "float";
  if (value.is_text()) return value.text().markup ? "Markup" : "str";
  if (value.is_list()) return "list";
  if (value.is_tuple()) return "tuple";
  return value.is_dict() ? "dict" : value.object()->type_name();
}

void fail_undefined(const Value& undefined) {
  throw Error(ErrorKind::input, *std::get<Undefined>(undefined.data()).message);
}

bool truth(const Value& value) {
  if (value.is_undefined() || value.is_none()) return false;
  if (value.is_number()) return *value.number() != 0;
  if (value.is_text()) return !value.bytes().empty();
  if (value.is_dict()) return !value.dict().entries.empty();
  return value.is_object() ? value.object()->truth() : !value.items().empty();
}

bool equal(const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) == 0;
  if (left.data().index() != right.data().index()) return false;
  if (left.is_text()) return left.bytes() == right.bytes();
  if (left.is_list() || left.is_tuple())
    return left.identity() == right.identity() || equal_items(left.items(), right.items());
  if (left.is_dict()) return left.identity() == right.identity() || equal_dicts(left.dict(), right.dict());
  if (left.is_object()) return left.object() == right.object() || left.object()->equals(*right.object());
  return true;  // None, and Undefined, which all compare equal
}

bool less(const Value& left, const Value& right, const char* sign) {
  if (left.is_undefined()) fail_undefined(left);
  if (right.is_undefined()) fail_undefined(right);
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) < 0;
  // The order of code points is the order of UTF-8's bytes.
  if (left.is_text() && right.is_text()) return left.bytes() < right.bytes();
  if ((left.is_list() && right.is_list()) || (left.is_tuple() && right.is_tuple()))
    return less_items(left.items(), right.items(), sign);
  fail_order(left, right, sign);
}

bool contains(const Value& container, const Value& item) {
  if (container.is_text()) {
    if (item.is_undefined())
      fail(ErrorKind::input, "'in <string>' requires string as left operand, not Undefined");
    if (!item.is_text())
      fail(ErrorKind::input, "'in <string>' requires string as left operand, not {}", type_name(item));
    return container.bytes().find(item.bytes()) != std::string::npos;
  }
  if (container.is_dict()) return container.dict().find(item) != nullptr;
  if (container.is_object())
    if (const auto known = container.object()->contains(item)) return *known;
  if (!is_iterable(container))
    fail(ErrorKind::input, "argument of type '{}' is not iterable", type_name(container));
  const Iterator next = iterate(container);
  for (Value candidate; next(candidate);)
    if ((item.identity() && item.identity() == candidate.identity()) || equal(candidate, item)) return true;
  return false;
}

size_t hash_of(const Value& value) {
  if (value.is_list() || value.is_dict()) fail(ErrorKind::input, "unhashable type: '{}'", type_name(value));
  if (const auto whole = value.index()) return std::hash<int64_t>()(*whole);
  if (value.is_float()) {
    const double number = *value.number();
    const bool whole = std::trunc(number) == number && std::abs(number) < 0x1p62;
    return whole ? std::hash<int64_t>()(static_cast<int64_t>(number)) : std::hash<double>()(number);
  }
  if (value.is_text()) return std::hash<std::string_view>()(value.bytes());
  if (value.is_object()) return std::hash<const void*>()(value.identity());
  size_t hash = value.data().index();
  if (value.is_tuple())
    for (const Value& item : value.items()) hash = hash * 1'000'003 ^ hash_of(item);
  return hash;
}

}  // namespace millrace::jinja
