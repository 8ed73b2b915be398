#pragma once
#include <functional>
#include <string>

#include "tokenizers/jinja/evaluation.h"

namespace millrace::jinja {

// A macro, or the body of a call block, which is an anonymous one. Its names are looked for where it was
// defined.
class Macro : public Object {
 public:
  using Run = std::function<std::string(const Body& body, const ScopePtr& scope)>;
  Macro(const MacroDefinition& definition, ScopePtr scope, Run run)
      : definition_(definition), scope_(std::move(scope)), run_(std::move(run)) {}

  std::string type_name() const override { return "Macro"; }
  std::string repr() const override;
  std::optional<Value> attribute(const std::string& name) override;
  bool callable() const override { return true; }
  Value call(Evaluation& evaluation, const Arguments& arguments) override;
  void forget() override { scope_.reset(), run_ = nullptr; }

 private:
  void bind(const Arguments& arguments, Scope& scope, Evaluation& evaluation, const ScopePtr& shared) const;

  const MacroDefinition& definition_;
  ScopePtr scope_;
  Run run_;
};

}  // namespace millrace::jinja
