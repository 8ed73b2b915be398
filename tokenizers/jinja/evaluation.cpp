#include "tokenizers/jinja/evaluation.h"

#include <algorithm>

#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/filters.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/methods.h"
#include "tokenizers/jinja/object_types.h"
#include "tokenizers/jinja/operators.h"
#include "tokenizers/jinja/tests.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

std::string object_name(const Value& object) {
  if (object.is_none()) return "None";
  return type_name(object) + " object";
}

Value missing(const Value& object, const Value& key) {
  if (object.is_undefined()) fail_undefined(object);
  if (!key.is_text())
    return Value::undefined(fmt::format("{} has no element {}", object_name(object), to_repr(key)));
  return Value::undefined(fmt::format("'{}' has no attribute {}", object_name(object), quoted(key.bytes())));
}

Value unsafe(const Value& object, const std::string& name) {
  return Value::undefined(
      fmt::format("access to attribute {} of '{}' object is unsafe.", quoted(name), type_name(object)));
}

// Attributes that every object of Python has.
bool is_internal(std::string_view name) {
  constexpr std::string_view kInternal[] = {
      "__class__",  "__init__", "__dict__",    "__doc__",     "__eq__",          "__getattribute__",
      "__hash__",   "__len__",  "__module__",  "__new__",     "__repr__",        "__str__",
      "__reduce__", "__dir__",  "__globals__", "__getitem__", "__subclasshook__"};
  return std::find(std::begin(kInternal), std::end(kInternal), name) != std::end(kInternal);
}

// What Python's getattr finds.
std::optional<Value> python_attribute(const Value& object, const std::string& name) {
  if (object.is_object()) {
    if (auto found = object.object()->attribute(name)) return found;
  } else if (const Method method = find_method(object, name)) {
    auto bound = std::make_shared<Function>(
        name, [object, method](Evaluation& evaluation, const Arguments& arguments) {
          return method(evaluation, object, arguments);
        });
    bound->depth = object.depth() + 1;
    return Value(std::move(bound));
  } else if (is_forbidden_method(object, name)) {
    return unsafe(object, name);
  } else if (object.is_tuple() && std::get<TuplePtr>(object.data())->grouped &&
             (name == "grouper" || name == "list")) {
    return object.items()[name == "list" ? 1 : 0];
  }
  if (is_internal(name)) return unsafe(object, name);
  return std::nullopt;
}

// What Python's object[key] finds.
std::optional<Value> python_item(const Value& object, const Value& key) {
  if (object.is_dict()) {
    if (key.is_list() || key.is_dict()) return std::nullopt;
    const Value* found = object.dict().find(key);
    return found ? std::optional(*found) : std::nullopt;
  }
  if (object.is_object()) return object.object()->item(key);
  const auto index = key.index();
  if (!index || !(object.is_text() || object.is_list() || object.is_tuple())) return std::nullopt;
  const auto length = static_cast<int64_t>(*length_of(object));
  const int64_t place = *index < 0 ? *index + length : *index;
  if (place < 0 || place >= length) return std::nullopt;
  if (object.is_text()) return slice_of(object, place, place + 1, Value());
  return object.items()[static_cast<size_t>(place)];
}

}  // namespace

Evaluation::~Evaluation() {
  for (const ObjectPtr& object : kept_) object->forget();
}

Evaluation::Frame::Frame(Evaluation& evaluation) : evaluation_(evaluation) {
  if (evaluation.depth_ == kMostCallDepth)
    fail(ErrorKind::input, "macros and loops call each other more than {} deep; the template runs away",
         kMostCallDepth);
  ++evaluation.depth_;
}

Error Evaluation::located(const Error& error) const {
  return error.where().empty() ? error.at(source_.place(position_)) : error;
}

Value Evaluation::made(Value value) {
  if (value.is_text()) budget_.spend(static_cast<int64_t>(value.bytes().size() / 32));
  if (value.is_list() || value.is_tuple()) budget_.spend(static_cast<int64_t>(value.items().size() / 4));
  return value;
}

Value Evaluation::attribute(const Value& object, const std::string& name) {
  if (object.is_undefined() && !is_internal(name)) fail_undefined(object);
  if (auto found = python_attribute(object, name)) return *std::move(found);
  if (object.is_dict()) {
    if (const Value* found = object.dict().find_name(name)) return *found;
  } else if (auto found = python_item(object, Value(name))) {
    return *std::move(found);
  }
  return missing(object, Value(name));
}

Value Evaluation::item(const Value& object, const Value& key) {
  if (object.is_undefined()) fail_undefined(object);
  if (auto found = python_item(object, key)) return *std::move(found);
  if (key.is_text())
    if (auto found = python_attribute(object, key.bytes())) return *std::move(found);
  return missing(object, key);
}

Value Evaluation::call(const Value& callee, const Arguments& arguments) {
  budget_.spend(1);
  if (callee.is_undefined()) fail_undefined(callee);
  if (!callee.is_object()) fail(ErrorKind::input, "'{}' object is not callable", type_name(callee));
  const ObjectPtr object = callee.object();
  return made(object->call(*this, arguments));
}

Value Evaluation::apply_filter(const FilterEntry& entry, const Value& input, const Arguments& arguments) {
  int64_t work = 1;
  if (!entry.light) {
    work += input.weight() / 16;
    for (const Value& argument : arguments.positional) work += argument.weight() / 16;
  }
  budget_.spend(work);
  const Frame frame(*this);
  return made(entry.apply(*this, input, arguments));
}

Value Evaluation::filter(const std::string& name, const Value& input, const Arguments& arguments) {
  const FilterEntry* entry = find_filter(name);
  if (!entry) fail(ErrorKind::input, "No filter named {}.", quoted(name));
  return apply_filter(*entry, input, arguments);
}

Value Evaluation::test(const std::string& name, const Value& subject, const Arguments& arguments) {
  const TestEntry* entry = find_test(name);
  if (!entry) fail(ErrorKind::input, "No test named {}.", quoted(name));
  int64_t work = 1;
  for (const Value& argument : arguments.positional) work += argument.weight() / 16;
  budget_.spend(work);
  return entry->apply(subject, arguments);
}

}  // namespace millrace::jinja
