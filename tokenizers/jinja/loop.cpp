#include "tokenizers/jinja/loop.h"

#include "tokenizers/jinja/arguments.h"
#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/object_types.h"

namespace millrace::jinja {

bool Loop::advance(Value& item) {
  if (after_) {
    item = *std::exchange(after_, std::nullopt);
  } else if (!items_(item)) {
    return false;
  }
  ++index0_;
  before_ = std::move(now_);
  now_ = item;
  return true;
}

bool Loop::peek() {
  if (after_) return true;
  Value item;
  if (items_ && items_(item)) after_ = std::move(item);
  return after_.has_value();
}

// Where the items' number is not known, they are all asked for.
size_t Loop::count() {
  if (length_) return *length_;
  std::vector<Value> rest;
  for (Value item; items_ && items_(item);) rest.push_back(std::move(item));
  length_ = rest.size() + static_cast<size_t>(index0_ + 1) + (after_ ? 1 : 0);
  items_ = iterate_items(std::move(rest));
  return *length_;
}

std::string Loop::repr() const {
  return fmt::format("<LoopContext {}/{}>", index0_ + 1, const_cast<Loop*>(this)->count());
}

std::optional<Value> Loop::attribute(const std::string& name) {
  if (name == "index") return index0_ + 1;
  if (name == "index0") return index0_;
  if (name == "first") return index0_ == 0;
  if (name == "last") return !peek();
  if (name == "length") return count();
  if (name == "revindex") return static_cast<int64_t>(count()) - index0_;
  if (name == "revindex0") return static_cast<int64_t>(count()) - index0_ - 1;
  if (name == "depth") return depth0_ + 1;
  if (name == "depth0") return depth0_;
  if (name == "previtem")
    return index0_ == 0 ? Value::undefined("there is no previous item") : before_.value_or(Value());
  if (name == "nextitem") return peek() ? *after_ : Value::undefined("there is no next item");
  if (name == "cycle")
    return Value(std::make_shared<Function>(
        "cycle", [self = shared_from_this()](Evaluation&, const Arguments& arguments) {
          return self->cycle(arguments);
        }));
  if (name == "changed")
    return Value(std::make_shared<Function>(
        "changed", [self = shared_from_this()](Evaluation&, const Arguments& arguments) {
          return self->changed(arguments);
        }));
  return std::nullopt;
}

Value Loop::cycle(const Arguments& arguments) const {
  if (arguments.positional.empty()) fail(ErrorKind::input, "no items for cycling given");
  return arguments.positional[static_cast<size_t>(index0_) % arguments.positional.size()];
}

Value Loop::changed(const Arguments& arguments) {
  Value value = Value::tuple(arguments.positional);
  if (last_changed_ && equal(*last_changed_, value)) return false;
  last_changed_ = std::move(value);
  return true;
}

Value Loop::call(Evaluation&, const Arguments& arguments) {
  const Bound bound("loop", arguments, {"iterable"}, 1);
  if (!recurse_)
    fail(ErrorKind::input, "The loop must have the 'recursive' marker to be called recursively.");
  return recurse_(bound[0], depth0_ + 1);
}

void Loop::forget() {
  items_ = nullptr;
  recurse_ = nullptr;
  before_.reset(), now_.reset(), after_.reset(), last_changed_.reset();
}

}  // namespace millrace::jinja
