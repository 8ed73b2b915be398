#include "tokenizers/jinja/value.h"

#include <algorithm>
#include <bit>

#include "tokenizers/jinja/comparison.h"
#include "tokenizers/jinja/object_types.h"

namespace millrace::jinja {
namespace {

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Bounds what walking over a value can cost, at the one place where values are put together.
void check_extent(int depth, int64_t weight) {
  if (depth > kMostValueDepth)
    fail(ErrorKind::input, "lists and mappings are nested more than {} deep; the template runs away",
         kMostValueDepth);
  if (weight > kMostWeight)
    fail(ErrorKind::input, "a list or mapping grew beyond {} values; the template runs away", kMostWeight);
}

constexpr size_t kIndexedFrom = 9;  // entries; fewer are found faster by looking at each

}  // namespace

Text::Text(std::string text, bool is_markup)
    : bytes(std::move(text)), length(count_code_points(bytes)), markup(is_markup) {
  check_text_size(bytes.size());
}

Sequence::Sequence(std::vector<Value> values) : items(std::move(values)), depth(1), weight(1) {
  for (const Value& item : items) {
    depth = std::max(depth, item.depth() + 1);
    weight += item.weight();
  }
  check_extent(depth, weight);
}

Value Value::undefined(std::string message) {
  Value value;
  value.data_ = Undefined{std::make_shared<const std::string>(std::move(message))};
  return value;
}
Value Value::list(std::vector<Value> items) { return Value(std::make_shared<const List>(std::move(items))); }
Value Value::tuple(std::vector<Value> items) {
  return Value(std::make_shared<const Tuple>(std::move(items)));
}

const std::vector<Value>& Value::items() const {
  if (is_list()) return std::get<ListPtr>(data_)->items;
  return std::get<TuplePtr>(data_)->items;
}

std::optional<int64_t> Value::index() const {
  if (is_int()) return std::get<int64_t>(data_);
  if (is_bool()) return std::get<bool>(data_) ? 1 : 0;
  return std::nullopt;
}

std::optional<double> Value::number() const {
  if (is_float()) return std::get<double>(data_);
  const auto whole = index();
  return whole ? std::optional(static_cast<double>(*whole)) : std::nullopt;
}

int Value::depth() const {
  if (is_list()) return std::get<ListPtr>(data_)->depth;
  if (is_tuple()) return std::get<TuplePtr>(data_)->depth;
  if (is_dict()) return dict().depth;
  return is_object() ? object()->depth : 0;
}

int64_t Value::weight() const {
  if (is_text()) return 1 + static_cast<int64_t>(bytes().size() / 64);
  if (is_list()) return std::get<ListPtr>(data_)->weight;
  if (is_tuple()) return std::get<TuplePtr>(data_)->weight;
  return is_dict() ? dict().weight : 1;
}

const void* Value::identity() const {
  if (is_text()) return &text();
  if (is_list()) return std::get<ListPtr>(data_).get();
  if (is_tuple()) return std::get<TuplePtr>(data_).get();
  if (is_dict()) return &dict();
  return is_object() ? object().get() : nullptr;
}

Dict::Dict(std::vector<Entry> given) {
  slots_.resize(std::bit_ceil(given.size() * 2 + 1));
  for (Entry& entry : given) {
    const size_t hash = hash_of(entry.first);
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot] != 0 && !equal(entries[slots_[slot] - 1].first, entry.first))
      slot = (slot + 1) & (slots_.size() - 1);
    if (slots_[slot] != 0) {
      entries[slots_[slot] - 1].second = std::move(entry.second);
    } else {
      entries.push_back(std::move(entry));
      slots_[slot] = static_cast<uint32_t>(entries.size());
    }
  }
  for (const auto& [key, value] : entries) {
    depth = std::max({depth, key.depth() + 1, value.depth() + 1});
    weight += key.weight() + value.weight();
  }
  check_extent(depth, weight);
}

size_t Dict::slot_of(const Value& key, size_t hash) const {
  if (slots_.empty()) return entries.size();
  for (size_t slot = hash & (slots_.size() - 1); slots_[slot] != 0; slot = (slot + 1) & (slots_.size() - 1))
    if (equal(entries[slots_[slot] - 1].first, key)) return slots_[slot] - 1;
  return entries.size();
}

const Value* Dict::find(const Value& key) const {
  const size_t found = slot_of(key, hash_of(key));
  return found == entries.size() ? nullptr : &entries[found].second;
}

const Value* Dict::find_name(std::string_view key) const {
  if (entries.size() < kIndexedFrom) {
    for (const auto& [name, value] : entries)
      if (name.is_text() && name.bytes() == key) return &value;
    return nullptr;
  }
  return find(Value(key));
}

Value make_dict(std::vector<Dict::Entry> entries) {
  return Value(std::make_shared<const Dict>(std::move(entries)));
}

std::string Object::repr() const { return fmt::format("<{} object>", type_name()); }

Value Object::call(Evaluation&, const Arguments&) {
  fail(ErrorKind::input, "'{}' object is not callable", type_name());
}

}  // namespace millrace::jinja
