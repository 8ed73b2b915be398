#include "tokenizers/component_spec.h"

#include "base/suggest.h"

namespace millrace {

const nlohmann::json* ComponentSpec::find(std::string_view key) const {
  if (!value_->is_object()) refuse("must be an object");
  const auto found = value_->find(key);
  return found == value_->end() || found->is_null() ? nullptr : &*found;
}

bool ComponentSpec::has(std::string_view key) const { return find(key) != nullptr; }

bool ComponentSpec::flag(std::string_view key, std::optional<bool> otherwise) const {
  const nlohmann::json* found = find(key);
  if (found != nullptr && found->is_boolean()) return found->get<bool>();
  if (found != nullptr || !otherwise) refuse("'{}' must be true or false", key);
  return *otherwise;
}

std::string ComponentSpec::text(std::string_view key, std::optional<std::string> otherwise) const {
  const nlohmann::json* found = find(key);
  if (found != nullptr && found->is_string()) return found->get<std::string>();
  if (found != nullptr || !otherwise) refuse("'{}' must be a string", key);
  return *otherwise;
}

int64_t ComponentSpec::number(std::string_view key, std::optional<int64_t> otherwise) const {
  const nlohmann::json* found = find(key);
  if (found != nullptr && found->is_number_integer()) return found->get<int64_t>();
  if (found != nullptr || !otherwise) refuse("'{}' must be a whole number", key);
  return *otherwise;
}

ComponentSpec ComponentSpec::part(std::string_view key) const {
  const nlohmann::json* found = find(key);
  if (found == nullptr) refuse("has no '{}'", key);
  return {*found, fmt::format("{}.{}", where_, key)};
}

std::vector<ComponentSpec> ComponentSpec::list(std::string_view key) const {
  const nlohmann::json* found = find(key);
  if (found == nullptr || !found->is_array()) refuse("'{}' must be a list", key);
  std::vector<ComponentSpec> parts;
  for (size_t i = 0; i < found->size(); ++i)
    parts.emplace_back((*found)[i], fmt::format("{}.{}[{}]", where_, key, i));
  return parts;
}

void ComponentSpec::refuse_type(std::string_view kind, const std::vector<std::string>& known) const {
  refuse("the {} type '{}' is not known{}", kind, type(), did_you_mean(type(), known));
}

}  // namespace millrace
