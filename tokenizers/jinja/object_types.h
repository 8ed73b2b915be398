#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tokenizers/jinja/value.h"

// The objects that templates meet, but for macros and loops, which belong to the evaluation.
namespace millrace::jinja {

// range(start, stop, step)
class Range : public Object {
 public:
  Range(int64_t start, int64_t stop, int64_t step);  // a step of 0 or too many items is an error
  std::string type_name() const override { return "range"; }
  std::string repr() const override;
  bool truth() const override { return count_ > 0; }
  std::optional<Value> item(const Value& key) override;
  std::optional<size_t> length() const override { return static_cast<size_t>(count_); }
  std::optional<Iterator> iterate() override;
  std::optional<Iterator> iterate_backwards() override;
  bool equals(const Object& other) const override;
  std::optional<bool> contains(const Value& value) override;
  bool is_sequence() const override { return true; }

  int64_t at(int64_t i) const { return start_ + i * step_; }
  int64_t count() const { return count_; }
  int64_t step() const { return step_; }

 private:
  int64_t start_, stop_, step_, count_;
};

// What filters like `map` give: their work is done as items are asked for, and each item comes once.
class Generator : public Object {
 public:
  Generator(Iterator next, const Value& source, std::string type = "generator");
  std::string type_name() const override { return type_; }
  std::optional<Iterator> iterate() override;

 private:
  std::shared_ptr<Iterator> next_;
  std::string type_;
};

// dict.keys(), .values() and .items()
class DictView : public Object {
 public:
  enum class Kind { keys, values, items };
  DictView(DictPtr dict, Kind kind);
  std::string type_name() const override;
  bool truth() const override { return !dict_->entries.empty(); }
  std::optional<size_t> length() const override { return dict_->entries.size(); }
  std::optional<Iterator> iterate() override;
  std::optional<Iterator> iterate_backwards() override;
  std::optional<bool> contains(const Value& value) override;
  bool equals(const Object& other) const override;
  std::vector<Value> items() const;

 private:
  Value at(size_t i) const;
  DictPtr dict_;
  Kind kind_;
};

// namespace(…): the one value that `set` can change.
class Namespace : public Object {
 public:
  explicit Namespace(std::vector<Dict::Entry> entries) : entries_(std::move(entries)) {}
  std::string type_name() const override { return "TemplateNamespace"; }
  std::optional<Value> attribute(const std::string& name) override;
  void set(const std::string& name, Value value);
  void forget() override { entries_.clear(); }
  const std::vector<Dict::Entry>& entries() const { return entries_; }

 private:
  std::vector<Dict::Entry> entries_;
};

// A built-in function, or a method together with what it was taken from.
class Function : public Object {
 public:
  using Body = std::function<Value(Evaluation&, const Arguments&)>;
  Function(std::string name, Body body) : name_(std::move(name)), body_(std::move(body)) {}
  std::string type_name() const override { return "builtin_function_or_method"; }
  std::string repr() const override { return "<built-in function " + name_ + ">"; }
  bool callable() const override { return true; }
  Value call(Evaluation& evaluation, const Arguments& arguments) override {
    return body_(evaluation, arguments);
  }
  std::optional<Value> attribute(const std::string& name) override;
  void add_attribute(std::string name, Value value) {
    attributes_.emplace_back(std::move(name), std::move(value));
  }

 private:
  std::string name_;
  Body body_;
  std::vector<std::pair<std::string, Value>> attributes_;
};

// cycler(…): its values in turn, again and again.
class Cycler : public Object {
 public:
  explicit Cycler(std::vector<Value> values);
  std::string type_name() const override { return "Cycler"; }
  std::optional<Value> attribute(const std::string& name) override;

 private:
  const Value& current() const { return values_[state_->position]; }
  struct State {
    size_t position = 0;
  };
  std::vector<Value> values_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// joiner(…): nothing the first time, its separator from then on.
class Joiner : public Object {
 public:
  explicit Joiner(Value separator) : separator_(std::move(separator)) {}
  std::string type_name() const override { return "Joiner"; }
  bool callable() const override { return true; }
  Value call(Evaluation&, const Arguments&) override;

 private:
  Value separator_;
  bool used_ = false;
};

Value make_generator(Iterator next, const Value& source);

}  // namespace millrace::jinja
