#include "tokenizers/jinja/methods.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "tokenizers/jinja/arguments.h"

namespace millrace::jinja {
namespace {

Value is_whole(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("is_integer", arguments, {});
  return std::isfinite(*self.number()) && std::trunc(*self.number()) == *self.number();
}

Value bit_length(Evaluation&, const Value& self, const Arguments& arguments) {
  const Bound bound("bit_length", arguments, {});
  const int64_t number = *self.index();
  const uint64_t magnitude = number < 0 ? 0 - static_cast<uint64_t>(number) : static_cast<uint64_t>(number);
  return magnitude == 0 ? 0 : 64 - __builtin_clzll(magnitude);
}

}  // namespace

Method find_method(const Value& self, std::string_view name) {
  if (self.is_text()) return find_text_method(name);
  if (self.is_list() || self.is_tuple() || self.is_dict()) return find_container_method(self, name);
  if (self.is_float() && name == "is_integer") return is_whole;
  return self.index() && name == "bit_length" ? bit_length : nullptr;
}

bool is_forbidden_method(const Value& self, std::string_view name) {
  constexpr std::string_view kOfLists[] = {"append", "clear", "pop",    "reverse",
                                           "insert", "sort",  "extend", "remove"};
  constexpr std::string_view kOfDicts[] = {"clear", "pop", "popitem", "setdefault", "update"};
  const auto within = [name](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  return (self.is_list() && within(kOfLists)) || (self.is_dict() && within(kOfDicts));
}

}  // namespace millrace::jinja
