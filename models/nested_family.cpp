#include "models/nested_family.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

constexpr std::string_view kMethod = "forward";

struct Inner {
  Architecture family;
  std::string keys;  // what its config's keys begin with in the outer config
  std::vector<std::string> weights;
};

Inner inner_family(const NestedFamily& rule, const ModelConfig& config, const ArchitectureLibrary& library) {
  const auto nested = config.values.find(rule.config);
  if (nested == config.values.end() || nested->is_null()) {
    if (rule.otherwise.empty()) fail_at(ErrorKind::model, config.where, "has no '{}'", rule.config);
    return {library.named(rule.otherwise, rule.where), "", {""}};
  }
  const auto place = config.place(rule.config);
  const std::string key = rule.config + ".model_type";
  if (!nested->is_object() || !nested->contains("model_type") || !(*nested)["model_type"].is_string())
    fail_at(ErrorKind::model, place, "has no '{}'", key);
  const auto type = (*nested)["model_type"].get<std::string>();
  if (std::ranges::count(rule.families, type) == 0)
    fail_at(ErrorKind::model, config.place(key), "'{}' is '{}', which is not supported; there are {}", key,
            type, fmt::join(rule.families, ", "));
  return {library.of_model_type(type, place), rule.config + ".", rule.weights};
}

// "forward.width" is "forward.backbone.width".
void add_settings(const SettingRules& from, const std::string& part, const std::string& keys,
                  SettingRules& to) {
  for (const auto& [name, rule] : from) {
    if (!name.starts_with(kMethod)) continue;
    SettingRule moved = rule;
    for (auto& key : moved.keys) key = keys + key;
    to.emplace(part + name.substr(kMethod.size()), std::move(moved));
  }
}

void add(const Inner& inner, const std::string& part, Architecture& outer) {
  add_settings(inner.family.settings, part, inner.keys, outer.settings);
  SettingRule block;
  block.where = inner.family.where;
  block.constant = inner.family.methods.at(std::string(kMethod));
  outer.settings.emplace(part + ".block", std::move(block));
  for (const auto& key : inner.family.ignored) outer.ignored.insert(inner.keys + key);
  for (const auto& [key, value] : inner.family.required) outer.required.emplace(inner.keys + key, value);
  for (auto& [format, layout] : outer.checkpoints) {
    const auto own = inner.family.checkpoints.find(format);
    if (own == inner.family.checkpoints.end()) continue;
    add_settings(own->second.settings, part, inner.keys, layout.settings);
    layout.nested[part] = std::make_shared<const NestedLayout>(NestedLayout{inner.weights, own->second});
  }
}

}  // namespace

void add_nested_families(Architecture& architecture, const ModelConfig& config,
                         const ArchitectureLibrary& library) {
  for (const auto& [part, rule] : architecture.nested) {
    const Inner inner = inner_family(rule, config, library);
    if (!inner.family.methods.contains(std::string(kMethod)))
      fail_at(ErrorKind::model, inner.family.where, "has no method '{}', which {} needs", kMethod,
              rule.where);
    add(inner, part, architecture);
  }
}

}  // namespace millrace
