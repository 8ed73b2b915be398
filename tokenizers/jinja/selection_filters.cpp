#include <algorithm>

#include "tokenizers/jinja/attribute_path.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

// A generator is read once its items are asked for, so that what is wrong with the input or the arguments
// shows no sooner. What is false has no items, whatever it is.
template <class Start>
Value lazily(const Value& input, Start start) {
  return make_generator(
      [input, start = std::move(start), items = Iterator()](Value& next) mutable {
        if (!items) items = truth(input) ? start(input) : Iterator([](Value&) { return false; });
        return items(next);
      },
      input);
}

std::string name_from(const Value& value) {
  if (!value.is_text()) fail(ErrorKind::input, "expected a name, got {}", type_name(value));
  return value.bytes();
}

Arguments without_first(const Arguments& arguments, size_t count) {
  Arguments rest;
  rest.positional.assign(arguments.positional.begin() + static_cast<std::ptrdiff_t>(count),
                         arguments.positional.end());
  rest.named = arguments.named;
  return rest;
}

Iterator mapped(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  const auto named = [&](const char* wanted) {
    const auto found = std::find_if(arguments.named.begin(), arguments.named.end(),
                                    [&](const auto& entry) { return entry.first == wanted; });
    return found == arguments.named.end() ? nullptr : &found->second;
  };
  Iterator all = iterate(input);
  if (arguments.positional.empty() && named("attribute")) {
    for (const auto& [name, value] : arguments.named)
      if (name != "attribute" && name != "default")
        fail(ErrorKind::input, "Unexpected keyword argument {}", quoted(name));
    const Value* given = named("default");
    const Value absent = given ? *given : Value();
    return [&evaluation, all, absent, path = AttributePath(*named("attribute"))](Value& next) {
      Value item;
      if (!all(item)) return false;
      evaluation.budget().spend(1);
      next = path.of(evaluation, item, absent);
      return true;
    };
  }
  if (arguments.positional.empty()) fail(ErrorKind::input, "map requires a filter argument");
  return [&evaluation, all, name = name_from(arguments.positional[0]),
          rest = without_first(arguments, 1)](Value& next) {
    Value item;
    if (!all(item)) return false;
    next = evaluation.filter(name, item, rest);
    return true;
  };
}

Value map(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  return lazily(input,
                [&evaluation, arguments](const Value& from) { return mapped(evaluation, from, arguments); });
}

// The items, or with `by_attribute` those whose attribute, that pass a test, or are true where none is named.
Iterator selected(Evaluation& evaluation, const Value& input, const Arguments& arguments, bool wanted,
                  bool by_attribute) {
  const size_t off = by_attribute ? 1 : 0;
  if (arguments.positional.size() < off) fail(ErrorKind::input, "Missing parameter for attribute name");
  const AttributePath path(by_attribute ? arguments.positional[0] : Value());
  const bool tested = arguments.positional.size() > off;
  const std::string name = tested ? name_from(arguments.positional[off]) : "";
  const Arguments rest = tested ? without_first(arguments, off + 1) : Arguments{};
  return [&evaluation, all = iterate(input), path, tested, name, rest, wanted](Value& next) {
    while (all(next)) {
      evaluation.budget().spend(1);
      const Value subject = path.of(evaluation, next);
      if (truth(tested ? evaluation.test(name, subject, rest) : subject) == wanted) return true;
    }
    return false;
  };
}

template <bool wanted, bool by_attribute>
Value select(Evaluation& evaluation, const Value& input, const Arguments& arguments) {
  return lazily(input, [&evaluation, arguments](const Value& from) {
    return selected(evaluation, from, arguments, wanted, by_attribute);
  });
}

constexpr FilterEntry kFilters[] = {
    {"map", map, true},
    {"select", select<true, false>, true},
    {"reject", select<false, false>, true},
    {"selectattr", select<true, true>, true},
    {"rejectattr", select<false, true>, true},
};

}  // namespace

std::span<const FilterEntry> selection_filters() { return kFilters; }

}  // namespace millrace::jinja
