#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// What a pickle describes. Nothing of it is run: a call is its name and its arguments.
struct PickleValue {
  enum class Kind { none, boolean, integer, real, text, sequence, mapping, global, call, persistent };
  Kind kind = Kind::none;
  int64_t integer = 0;  // booleans, too
  double real = 0;
  std::string text;  // bytes, too; a global's "module.name"; what a call calls
  // A sequence's elements; a mapping's keys and values in turn; a call's arguments; a persistent reference.
  std::vector<const PickleValue*> items;

  const PickleValue* find(std::string_view key) const;  // of a mapping; null: has none
};

// The values of a pickle live as long as it does.
class Pickle {
 public:
  const PickleValue& root() const { return *root_; }
  std::span<const std::unique_ptr<PickleValue>> values() const { return values_; }  // all of them
  size_t bytes() const { return bytes_; }  // that it takes of what it was read from

 private:
  friend class PickleReader;
  std::vector<std::unique_ptr<PickleValue>> values_;
  const PickleValue* root_ = nullptr;
  size_t bytes_ = 0;
};

// Reads the pickle (protocols 2 to 5) that `bytes` begin with. `globals` are those that it may name; any
// other, and whatever pickles of tensors have no use for, is Error(model) at "name @ byte N", as is a damaged
// one.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& name,
                   std::span<const std::string_view> globals);

}  // namespace millrace
