#include "models/nested_family.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

struct Inner {
  Architecture family;
  std::string method;
  std::string keys;  // what its config's keys begin with in the outer config
  std::vector<std::string> weights;
};

std::string only_method(const Architecture& family, const NestedFamily& rule) {
  if (family.methods.size() == 1) return family.methods.begin()->first;
  fail_at(ErrorKind::model, family.where, "has {} methods, but {} needs a family of one",
          family.methods.size(), rule.where);
}

std::string type_of(const NestedFamily& rule, const ModelConfig& config, const nlohmann::json& nested) {
  const std::string key = rule.config + ".model_type";
  if (!nested.is_object()) fail_at(ErrorKind::model, config.place(rule.config), "an object was expected");
  if (rule.fixed) return rule.model_type;
  const auto given = nested.find("model_type");
  if (given == nested.end() || !given->is_string()) {
    if (rule.model_type.empty()) fail_at(ErrorKind::model, config.place(rule.config), "has no '{}'", key);
    return rule.model_type;
  }
  const auto type = given->get<std::string>();
  if (!rule.families.empty() && std::ranges::count(rule.families, type) == 0)
    fail_at(ErrorKind::model, config.place(key), "'{}' is '{}', which is not supported; there are {}", key,
            type, fmt::join(rule.families, ", "));
  return type;
}

Inner inner_family(const NestedFamily& rule, const ModelConfig& config, const ArchitectureLibrary& library) {
  const auto nested = config.values.find(rule.config);
  Inner inner;
  if (nested == config.values.end() || nested->is_null()) {
    if (rule.otherwise.empty()) fail_at(ErrorKind::model, config.where, "has no '{}'", rule.config);
    inner = {library.named(rule.otherwise, rule.where), "", "", {""}};
    inner.weights.insert(inner.weights.end(), rule.weights.begin(), rule.weights.end());
  } else {
    const auto type = type_of(rule, config, *nested);
    inner = {library.of_model_type(type, config.place(rule.config)), "", rule.config + ".", rule.weights};
  }
  inner.method = only_method(inner.family, rule);
  return inner;
}

// "forward.width" is "forward.backbone.width".
void add_settings(const SettingRules& from, const std::string& part, const Inner& inner, SettingRules& to) {
  for (const auto& [name, rule] : from) {
    if (!name.starts_with(inner.method)) continue;
    SettingRule moved = rule;
    for (auto& key : moved.keys) key = inner.keys + key;
    to.emplace(part + name.substr(inner.method.size()), std::move(moved));
  }
}

void add(const Inner& inner, const std::string& part, Architecture& outer) {
  add_settings(inner.family.settings, part, inner, outer.settings);
  SettingRule block;
  block.where = inner.family.where;
  block.constant = inner.family.methods.at(inner.method);
  outer.settings.emplace(part + ".block", std::move(block));
  for (const auto& key : inner.family.ignored) outer.ignored.insert(inner.keys + key);
  for (const auto& [key, value] : inner.family.required) outer.required.emplace(inner.keys + key, value);
  for (auto& [format, layout] : outer.checkpoints) {
    const auto own = inner.family.checkpoints.find(format);
    if (own == inner.family.checkpoints.end()) continue;
    add_settings(own->second.settings, part, inner, layout.settings);
    layout.nested[part] =
        std::make_shared<const NestedLayout>(NestedLayout{inner.weights, own->second, inner.method});
  }
}

}  // namespace

void add_nested_families(Architecture& architecture, const ModelConfig& config,
                         const ArchitectureLibrary& library) {
  for (const auto& [part, rule] : architecture.nested) {
    add(inner_family(rule, config, library), part, architecture);
  }
}

}  // namespace millrace
