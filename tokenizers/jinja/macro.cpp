#include "tokenizers/jinja/macro.h"

#include <algorithm>

#include "tokenizers/jinja/value_text.h"

namespace millrace::jinja {

std::string Macro::repr() const {
  return definition_.name.empty() ? "<Macro anonymous>" : fmt::format("<Macro {}>", quoted(definition_.name));
}

std::optional<Value> Macro::attribute(const std::string& name) {
  const Signature& signature = definition_.signature;
  if (name == "name") return definition_.name.empty() ? Value() : Value(definition_.name);
  if (name == "caller") return signature.uses_caller;
  if (name == "catch_kwargs") return signature.uses_kwargs;
  if (name == "catch_varargs") return signature.uses_varargs;
  if (name == "arguments") {
    std::vector<Value> names;
    for (const auto& parameter : signature.parameters) names.emplace_back(parameter.name);
    return Value::tuple(std::move(names));
  }
  return std::nullopt;
}

void Macro::bind(const Arguments& arguments, Scope& scope, Evaluation& evaluation,
                 const ScopePtr& shared) const {
  const Signature& signature = definition_.signature;
  const std::string name = definition_.name.empty() ? "None" : quoted(definition_.name);
  auto named = arguments.named;
  // Moves the argument of that name to `value`, if there is one.
  const auto take = [&named](const std::string& wanted, Value& value) {
    const auto found =
        std::find_if(named.begin(), named.end(), [&](const auto& entry) { return entry.first == wanted; });
    if (found == named.end()) return false;
    value = found->second;
    named.erase(found);
    return true;
  };

  const size_t given = std::min(arguments.positional.size(), signature.parameters.size());
  bool found_caller = false;
  std::vector<Value> values(signature.parameters.size());
  std::vector<bool> bound(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    bound[i] = i < given || take(signature.parameters[i].name, values[i]);
    if (i < given) values[i] = arguments.positional[i];
    found_caller = found_caller || signature.parameters[i].name == "caller";
  }
  if (signature.uses_caller && !found_caller) {
    Value caller = Value::undefined("No caller defined");
    take("caller", caller);
    scope.set("caller", caller);
  }
  if (!signature.uses_kwargs && !named.empty()) {
    if (std::any_of(named.begin(), named.end(), [](const auto& entry) { return entry.first == "caller"; }))
      fail(ErrorKind::input,
           "macro {} was invoked with two values for the special caller argument. This is most likely a bug.",
           name);
    fail(ErrorKind::input, "macro {} takes no keyword argument {}", name, quoted(named.front().first));
  }
  if (signature.uses_kwargs) {
    std::vector<Dict::Entry> entries;
    for (auto& [key, value] : named) entries.emplace_back(Value(key), std::move(value));
    scope.set("kwargs", make_dict(std::move(entries)));
  }
  if (!signature.uses_varargs && arguments.positional.size() > given)
    fail(ErrorKind::input, "macro {} takes not more than {} argument(s)", name, signature.parameters.size());
  if (signature.uses_varargs)
    scope.set("varargs", Value::tuple({arguments.positional.begin() + static_cast<std::ptrdiff_t>(given),
                                       arguments.positional.end()}));
  // A default sees the parameters before it.
  for (size_t i = 0; i < values.size(); ++i) {
    const auto& parameter = signature.parameters[i];
    if (!bound[i])
      values[i] =
          parameter.fallback
              ? evaluation.evaluate(*parameter.fallback, shared)
              : Value::undefined(fmt::format("parameter {} was not provided", quoted(parameter.name)));
    scope.set(parameter.name, values[i]);
  }
}

Value Macro::call(Evaluation& evaluation, const Arguments& arguments) {
  const Evaluation::Frame frame(evaluation);
  const auto scope = std::make_shared<Scope>(scope_);
  bind(arguments, *scope, evaluation, scope);
  return Value(run_(definition_.body, scope));
}

}  // namespace millrace::jinja
