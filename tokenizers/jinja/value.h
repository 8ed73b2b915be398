#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tokenizers/jinja/budget.h"

// The values of templates: Python's, as far as templates can see them. All but namespaces are immutable, as
// the sandbox that models' templates are written for has it, so copies share.
namespace millrace::jinja {

class Value;
class Object;
struct Dict;

// What a missing name or attribute gives: it prints as nothing, is false and empty, and anything else that is
// done with it fails with `message`.
struct Undefined {
  std::shared_ptr<const std::string> message;
};

struct None {};

// A string. Python counts and indexes its characters, not its bytes.
struct Text {
  explicit Text(std::string text, bool is_markup = false);
  std::string bytes;  // UTF-8
  size_t length;      // code points
  bool markup;        // is HTML already, made by `escape` or `safe`: what joins it is escaped
  bool ascii() const { return length == bytes.size(); }
};

struct Sequence {
  explicit Sequence(std::vector<Value> values);
  std::vector<Value> items;
  int depth;
  int64_t weight;
};
struct List : Sequence {
  using Sequence::Sequence;
};
struct Tuple : Sequence {
  using Sequence::Sequence;
  bool grouped = false;  // is from `groupby`: its items are also called `grouper` and `list`
};

using TextPtr = std::shared_ptr<const Text>;
using ListPtr = std::shared_ptr<const List>;
using TuplePtr = std::shared_ptr<const Tuple>;
using DictPtr = std::shared_ptr<const Dict>;
using ObjectPtr = std::shared_ptr<Object>;

class Value {
 public:
  using Variant =
      std::variant<Undefined, None, bool, int64_t, double, TextPtr, ListPtr, TuplePtr, DictPtr, ObjectPtr>;

  Value() : data_(None{}) {}
  Value(None) : data_(None{}) {}
  Value(bool value) : data_(value) {}
  Value(int64_t value) : data_(value) {}
  Value(int value) : data_(static_cast<int64_t>(value)) {}
  Value(size_t value) : data_(static_cast<int64_t>(value)) {}
  Value(double value) : data_(value) {}
  Value(std::string text) : data_(std::make_shared<const Text>(std::move(text))) {}
  Value(std::string_view text) : Value(std::string(text)) {}
  Value(const char* text) : Value(std::string(text)) {}
  Value(TextPtr text) : data_(std::move(text)) {}
  Value(ListPtr list) : data_(std::move(list)) {}
  Value(TuplePtr tuple) : data_(std::move(tuple)) {}
  Value(DictPtr dict) : data_(std::move(dict)) {}
  Value(ObjectPtr object) : data_(std::move(object)) {}
  template <class T>
  requires std::is_base_of_v<Object, T> Value(std::shared_ptr<T> object)
      : data_(ObjectPtr(std::move(object))) {}

  static Value undefined(std::string message);
  static Value list(std::vector<Value> items);
  static Value tuple(std::vector<Value> items);
  static Value markup(std::string html) { return Value(std::make_shared<const Text>(std::move(html), true)); }

  bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  bool is_none() const { return std::holds_alternative<None>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<int64_t>(data_); }  // not of true and false
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_bool() || is_int() || is_float(); }
  bool is_text() const { return std::holds_alternative<TextPtr>(data_); }
  bool is_list() const { return std::holds_alternative<ListPtr>(data_); }
  bool is_tuple() const { return std::holds_alternative<TuplePtr>(data_); }
  bool is_dict() const { return std::holds_alternative<DictPtr>(data_); }
  bool is_object() const { return std::holds_alternative<ObjectPtr>(data_); }

  const Text& text() const { return *std::get<TextPtr>(data_); }
  const std::string& bytes() const { return text().bytes; }
  const std::vector<Value>& items() const;  // of a list or tuple
  const Dict& dict() const { return *std::get<DictPtr>(data_); }
  const ObjectPtr& object() const { return std::get<ObjectPtr>(data_); }
  template <class T>
  std::shared_ptr<T> as() const {  // null where it is no T
    const auto* object = std::get_if<ObjectPtr>(&data_);
    return object ? std::dynamic_pointer_cast<T>(*object) : nullptr;
  }

  // The whole number that it is, where it is one, as Python's __index__ has it: true is 1.
  std::optional<int64_t> index() const;
  // The number that it is, where it is one.
  std::optional<double> number() const;

  const Variant& data() const { return data_; }

  int depth() const;       // of lists in lists, 0 of a plain value
  int64_t weight() const;  // how much there is to walk over: values and 64-byte pieces of text, shared or not
  const void* identity() const;  // what `is sameas` compares; null of numbers and the like

 private:
  Variant data_;
};

// A mapping that keeps the order of its keys.
struct Dict {
  using Entry = std::pair<Value, Value>;
  Dict() = default;
  explicit Dict(std::vector<Entry> entries);  // a later entry replaces the value of an earlier one's key

  const Value* find(const Value& key) const;
  const Value* find_name(std::string_view name) const;  // by a text

  std::vector<Entry> entries;
  int depth = 1;
  int64_t weight = 1;

 private:
  size_t slot_of(const Value& key, size_t hash) const;  // entries.size() where there is none
  std::vector<uint32_t> slots_;                         // open addressing: an entry's number + 1
};

Value make_dict(std::vector<Dict::Entry> entries);

// Goes through the items of something, once.
using Iterator = std::function<bool(Value& next)>;

// The arguments of a call.
struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

class Evaluation;

// Everything else: functions, macros, namespaces, loops, ranges, generators.
class Object {
 public:
  virtual ~Object() = default;

  virtual std::string type_name() const = 0;  // as Python's type(x).__name__
  virtual std::string repr() const;
  virtual bool truth() const { return true; }
  virtual std::optional<Value> attribute(const std::string&) { return std::nullopt; }
  virtual std::optional<Value> item(const Value&) { return std::nullopt; }
  virtual std::optional<size_t> length() const { return std::nullopt; }
  virtual std::optional<Iterator> iterate() { return std::nullopt; }
  virtual std::optional<Iterator> iterate_backwards() { return std::nullopt; }
  virtual bool callable() const { return false; }
  virtual Value call(Evaluation& evaluation, const Arguments& arguments);
  virtual bool equals(const Object& other) const { return this == &other; }
  virtual std::optional<bool> contains(const Value&) { return std::nullopt; }
  virtual bool is_sequence() const { return false; }
  virtual bool is_mapping() const { return false; }
  virtual void forget() {}  // lets go of the values it holds; called at the end of a rendering

  int depth = 1;
};

}  // namespace millrace::jinja
