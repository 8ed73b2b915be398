#include "tokenizers/jinja/iteration.h"

#include <algorithm>

#include "base/utf8.h"
#include "tokenizers/jinja/comparison.h"

namespace millrace::jinja {
namespace {

std::vector<Value> keys_of(const Dict& dict) {
  std::vector<Value> keys;
  keys.reserve(dict.entries.size());
  for (const auto& [key, value] : dict.entries) keys.push_back(key);
  return keys;
}

// Walks over the items of a list or tuple, which `owner` keeps alive.
Iterator iterate_in_place(const Value& owner) {
  return [owner, i = size_t{0}](Value& next) mutable {
    const auto& items = owner.items();
    if (i == items.size()) return false;
    next = items[i++];
    return true;
  };
}

Iterator iterate_characters(const Value& owner) {
  return [owner, at = size_t{0}](Value& next) mutable {
    const std::string& bytes = owner.bytes();
    if (at == bytes.size()) return false;
    const size_t size = utf8::decode_at(bytes, at).size;
    next = Value(bytes.substr(at, size));
    at += size;
    return true;
  };
}

}  // namespace

Iterator iterate_items(std::vector<Value> items) {
  return [items = std::move(items), i = size_t{0}](Value& next) mutable {
    if (i == items.size()) return false;
    next = items[i++];
    return true;
  };
}

std::vector<Value> characters(std::string_view text) {
  std::vector<Value> result;
  for (size_t at = 0; at < text.size();) {
    const size_t size = utf8::decode_at(text, at).size;
    result.emplace_back(text.substr(at, size));
    at += size;
  }
  return result;
}

bool is_iterable(const Value& value) {
  if (value.is_object()) return value.object()->iterate().has_value();
  return value.is_undefined() || value.is_text() || value.is_list() || value.is_tuple() || value.is_dict();
}

Iterator iterate(const Value& value) {
  if (value.is_undefined()) return [](Value&) { return false; };
  if (value.is_list() || value.is_tuple()) return iterate_in_place(value);
  if (value.is_dict()) return iterate_items(keys_of(value.dict()));
  if (value.is_text()) return iterate_characters(value);
  if (value.is_object())
    if (auto iterator = value.object()->iterate()) return *std::move(iterator);
  fail(ErrorKind::input, "'{}' object is not iterable", type_name(value));
}

std::vector<Value> to_items(const Value& value) {
  if (value.is_list() || value.is_tuple()) return value.items();
  std::vector<Value> items;
  const Iterator next = iterate(value);
  for (Value item; next(item);) items.push_back(std::move(item));
  return items;
}

std::optional<size_t> length_of(const Value& value) {
  if (value.is_undefined()) return 0;
  if (value.is_text()) return value.text().length;
  if (value.is_list() || value.is_tuple()) return value.items().size();
  if (value.is_dict()) return value.dict().entries.size();
  return value.is_object() ? value.object()->length() : std::nullopt;
}

std::optional<Iterator> iterate_backwards(const Value& value) {
  if (value.is_object()) return value.object()->iterate_backwards();
  if (!value.is_text() && !value.is_list() && !value.is_tuple() && !value.is_dict()) return std::nullopt;
  std::vector<Value> items = to_items(value);
  std::reverse(items.begin(), items.end());
  return iterate_items(std::move(items));
}

}  // namespace millrace::jinja
