#include "tokenizers/jinja/object_types.h"

#include <algorithm>
#include <cmath>

#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/iteration.h"
#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {
namespace {

int64_t count_of_range(int64_t start, int64_t stop, int64_t step) {
  if (step == 0) fail(ErrorKind::input, "range() arg 3 must not be zero");
  const __int128 span = step > 0 ? static_cast<__int128>(stop) - start : static_cast<__int128>(start) - stop;
  const __int128 stride = step > 0 ? static_cast<__int128>(step) : -static_cast<__int128>(step);
  const __int128 count = span <= 0 ? 0 : (span + stride - 1) / stride;
  if (count > kMostRange)
    fail(ErrorKind::input, "Range too big. The sandbox blocks ranges larger than MAX_RANGE ({}).",
         kMostRange);
  return static_cast<int64_t>(count);
}

}  // namespace

Range::Range(int64_t start, int64_t stop, int64_t step)
    : start_(start), stop_(stop), step_(step), count_(count_of_range(start, stop, step)) {}

std::string Range::repr() const {
  return step_ == 1 ? fmt::format("range({}, {})", start_, stop_)
                    : fmt::format("range({}, {}, {})", start_, stop_, step_);
}

std::optional<Value> Range::item(const Value& key) {
  const auto index = key.index();
  if (!index) return std::nullopt;
  const int64_t i = *index < 0 ? *index + count_ : *index;
  return i < 0 || i >= count_ ? std::nullopt : std::optional<Value>(at(i));
}

std::optional<Iterator> Range::iterate() {
  return [range = *this, i = int64_t{0}](Value& next) mutable {
    if (i == range.count_) return false;
    next = Value(range.at(i++));
    return true;
  };
}

std::optional<Iterator> Range::iterate_backwards() {
  return [range = *this, i = count_](Value& next) mutable {
    if (i == 0) return false;
    next = Value(range.at(--i));
    return true;
  };
}

bool Range::equals(const Object& other) const {
  const auto* range = dynamic_cast<const Range*>(&other);
  if (!range || range->count_ != count_) return false;
  return count_ == 0 || (start_ == range->start_ && (count_ == 1 || step_ == range->step_));
}

std::optional<bool> Range::contains(const Value& value) {
  if (!value.is_number()) return false;
  for (int64_t i = 0; i < count_; ++i)
    if (equal(Value(at(i)), value)) return true;
  return false;
}

Generator::Generator(Iterator next, const Value& source, std::string type)
    : next_(std::make_shared<Iterator>(std::move(next))), type_(std::move(type)) {
  depth = source.depth() + 1;
  // Each asks the one before it, so that their number is the depth of calls.
  if (depth > kMostValueDepth)
    fail(ErrorKind::input, "filters are stacked more than {} deep; the template runs away", kMostValueDepth);
}

std::optional<Iterator> Generator::iterate() {
  return [next = next_](Value& item) { return (*next)(item); };
}

Value make_generator(Iterator next, const Value& source) {
  return Value(std::make_shared<Generator>(std::move(next), source));
}

DictView::DictView(DictPtr dict, Kind kind) : dict_(std::move(dict)), kind_(kind) {
  depth = dict_->depth + 1;
}

std::string DictView::type_name() const {
  return kind_ == Kind::keys ? "dict_keys" : kind_ == Kind::values ? "dict_values" : "dict_items";
}

Value DictView::at(size_t i) const {
  const auto& [key, value] = dict_->entries[i];
  if (kind_ == Kind::items) return Value::tuple({key, value});
  return kind_ == Kind::keys ? key : value;
}

std::optional<Iterator> DictView::iterate() {
  return [view = *this, i = size_t{0}](Value& next) mutable {
    if (i == view.dict_->entries.size()) return false;
    next = view.at(i++);
    return true;
  };
}

std::optional<Iterator> DictView::iterate_backwards() {
  return [view = *this, i = dict_->entries.size()](Value& next) mutable {
    if (i == 0) return false;
    next = view.at(--i);
    return true;
  };
}

std::optional<bool> DictView::contains(const Value& value) {
  if (kind_ == Kind::keys) return dict_->find(value) != nullptr;
  if (kind_ == Kind::values) return std::nullopt;
  if (!value.is_tuple() || value.items().size() != 2) return false;
  const Value* found = dict_->find(value.items()[0]);
  return found && equal(*found, value.items()[1]);
}

bool DictView::equals(const Object& other) const {
  const auto* view = dynamic_cast<const DictView*>(&other);
  if (!view || kind_ == Kind::values || view->kind_ != kind_) return this == &other;
  if (view->dict_->entries.size() != dict_->entries.size()) return false;
  return std::all_of(dict_->entries.begin(), dict_->entries.end(), [&](const Dict::Entry& entry) {
    const Value* found = view->dict_->find(entry.first);
    return found && (kind_ == Kind::keys || equal(*found, entry.second));
  });
}

std::vector<Value> DictView::items() const {
  std::vector<Value> items;
  for (size_t i = 0; i < dict_->entries.size(); ++i) items.push_back(at(i));
  return items;
}

std::optional<Value> Namespace::attribute(const std::string& name) {
  for (const auto& [key, value] : entries_)
    if (key.is_text() && key.bytes() == name) return value;
  return std::nullopt;
}

void Namespace::set(const std::string& name, Value value) {
  if (name.starts_with('_'))
    fail(ErrorKind::input, "a namespace cannot hold an attribute that begins with an underscore, {}",
         quoted(name));
  for (auto& [key, old] : entries_)
    if (key.is_text() && key.bytes() == name) {
      old = std::move(value);
      return;
    }
  entries_.emplace_back(Value(name), std::move(value));
}

std::optional<Value> Function::attribute(const std::string& name) {
  for (const auto& [key, value] : attributes_)
    if (key == name) return value;
  return std::nullopt;
}

Cycler::Cycler(std::vector<Value> values) : values_(std::move(values)) {
  if (values_.empty()) fail(ErrorKind::input, "at least one item has to be provided");
  for (const Value& value : values_) depth = std::max(depth, value.depth() + 1);
}

std::optional<Value> Cycler::attribute(const std::string& name) {
  if (name == "current") return current();
  if (name == "next")
    return Value(std::make_shared<Function>("next", [self = *this](Evaluation&, const Arguments&) {
      Value value = self.current();
      self.state_->position = (self.state_->position + 1) % self.values_.size();
      return value;
    }));
  if (name == "reset")
    return Value(std::make_shared<Function>("reset", [state = state_](Evaluation&, const Arguments&) {
      state->position = 0;
      return Value();
    }));
  return std::nullopt;
}

Value Joiner::call(Evaluation&, const Arguments&) {
  if (std::exchange(used_, true)) return separator_;
  return Value("");
}

}  // namespace millrace::jinja
