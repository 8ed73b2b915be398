#include "tokenizers/jinja/evaluation.h"

namespace millrace::jinja {

void Scope::set(const std::string& name, Value value) {
  for (auto& [known, old] : names_)
    if (known == name) {
      old = std::move(value);
      return;
    }
  names_.emplace_back(name, std::move(value));
}

const Value* Scope::find(const std::string& name) const {
  for (const Scope* scope = this; scope; scope = scope->outer_.get())
    for (const auto& [known, value] : scope->names_)
      if (known == name) return &value;
  return nullptr;
}

}  // namespace millrace::jinja
