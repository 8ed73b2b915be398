#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/jinja/budget.h"
#include "tokenizers/jinja/source.h"
#include "tokenizers/jinja/syntax.h"
#include "tokenizers/jinja/value.h"

namespace millrace::jinja {

// The names that are set in one block: a loop's turn, a macro's call. Names that are not here are looked for
// in the one around it.
class Scope : public Object {
 public:
  explicit Scope(std::shared_ptr<Scope> outer) : outer_(std::move(outer)) {}
  std::string type_name() const override { return "Scope"; }
  void set(const std::string& name, Value value);
  const Value* find(const std::string& name) const;
  void forget() override { names_.clear(), outer_.reset(); }

 private:
  std::vector<std::pair<std::string, Value>> names_;
  std::shared_ptr<Scope> outer_;
};
using ScopePtr = std::shared_ptr<Scope>;

// One rendering of a template: works out its expressions. What is wrong with them is Error(input) with the
// place of the innermost.
class Evaluation {
 public:
  explicit Evaluation(const Source& source) : source_(source) {}
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // As templates write them: object.name, object[key], callee(…), input|name(…), subject is name(…).
  Value attribute(const Value& object, const std::string& name);
  Value item(const Value& object, const Value& key);
  Value call(const Value& callee, const Arguments& arguments);
  Value filter(const std::string& name, const Value& input, const Arguments& arguments);
  Value test(const std::string& name, const Value& subject, const Arguments& arguments);

  Value evaluate(const Expression& expression, const ScopePtr& scope);
  // A filter as blocks have it: what its chain begins with is `input`.
  Value evaluate_filter(const Expression& filter, const Value& input, const ScopePtr& scope);
  // A call with one more named argument.
  Value evaluate_call(const Expression& call, const ScopePtr& scope, std::string name, Value extra);
  bool holds(const Expression& expression, const ScopePtr& scope);

  // Values that can come to hold themselves: they let go of everything at the end.
  void keep(ObjectPtr object) { kept_.push_back(std::move(object)); }

  Budget& budget() { return budget_; }
  Value made(Value value);  // the value, paid for by its size
  void set_position(size_t at) { position_ = at; }
  Error located(const Error& error) const;

  // Counts the depth of what is being worked out.
  class Frame {
   public:
    explicit Frame(Evaluation& evaluation);
    ~Frame() { --evaluation_.depth_; }
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;

   private:
    Evaluation& evaluation_;
  };

 private:
  friend class ExpressionVisitor;
  Value apply_filter(const FilterEntry& entry, const Value& input, const Arguments& arguments);

  const Source& source_;
  Budget budget_;
  size_t position_ = 0;
  int depth_ = 0;
  std::vector<ObjectPtr> kept_;
};

}  // namespace millrace::jinja
