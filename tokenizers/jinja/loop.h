#pragma once
#include <string>
#include <vector>

#include "tokenizers/jinja/evaluation.h"

namespace millrace::jinja {

// The variable `loop` of a for statement.
class Loop : public Object, public std::enable_shared_from_this<Loop> {
 public:
  // Renders the loop's body over other items; empty where the loop is not recursive.
  using Recurse = std::function<Value(const Value& items, int depth)>;

  Loop(Iterator items, std::optional<size_t> length, int depth0, Recurse recurse)
      : items_(std::move(items)), length_(length), depth0_(depth0), recurse_(std::move(recurse)) {}

  bool advance(Value& item);

  std::string type_name() const override { return "LoopContext"; }
  std::string repr() const override;
  std::optional<Value> attribute(const std::string& name) override;
  std::optional<size_t> length() const override { return const_cast<Loop*>(this)->count(); }
  bool callable() const override { return true; }
  Value call(Evaluation& evaluation, const Arguments& arguments) override;
  void forget() override;

 private:
  bool peek();
  size_t count();
  Value cycle(const Arguments& arguments) const;
  Value changed(const Arguments& arguments);

  Iterator items_;
  std::optional<size_t> length_;
  int depth0_;
  Recurse recurse_;
  int64_t index0_ = -1;
  std::optional<Value> before_, now_, after_, last_changed_;
};

}  // namespace millrace::jinja
