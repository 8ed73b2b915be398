#include "graph/check/bind.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "base/suggest.h"

namespace millrace {
namespace {

bool is_text(ParamKind kind) {
  return kind == ParamKind::text || kind == ParamKind::choice || kind == ParamKind::model;
}

bool fits(const ParamType& from, const ParamType& to) {
  if (from.list != to.list) return false;
  return from.kind == to.kind || (is_text(from.kind) && is_text(to.kind)) ||
         (from.kind == ParamKind::integer && to.kind == ParamKind::number);
}

std::optional<ParamValue> accept(ParamValue value, const ParamInfo& info, const Place& place,
                                 std::string hint, Diagnostics& faults) {
  const std::string fault = fault_of(info, value);
  if (fault.empty()) return value;
  faults.error(place, fmt::format("'{}': {}", info.name, fault), std::move(hint));
  return std::nullopt;
}

std::optional<ParamValue> bind_reference(const std::string& name, const YamlNode& node, const ParamInfo& info,
                                         Scope& scope, Diagnostics& faults) {
  if (name == "input" || name.starts_with("input.")) {
    faults.error(node.place,
                 fmt::format("'{}' is a setting; $input is a packet and goes under 'inputs'", info.name));
    return std::nullopt;
  }
  const auto found = scope.parameters.find(name);
  if (found == scope.parameters.end()) {
    std::vector<std::string> known;
    for (const auto& [other, bound] : scope.parameters) known.push_back(other);
    faults.error(node.place,
                 fmt::format("the pipeline has no parameter '{}'{}", name, did_you_mean(name, known)));
    return std::nullopt;
  }
  BoundParameter& bound = found->second;
  bound.used = true;
  if (!fits(bound.decl->type, info.type)) {
    faults.error(node.place, fmt::format("'{}' is {}, but the parameter '{}' is {}", info.name,
                                         to_string(info.type), name, to_string(bound.decl->type)));
    return std::nullopt;
  }
  if (!bound.value || (bound.value->is_null() && !info.type.optional)) return std::nullopt;
  const Place& from = bound.place;
  return accept(*bound.value, info, node.place, fmt::format("the value comes from {}", from.to_string()),
                faults);
}

std::optional<ParamValue> parse_one(const YamlNode& node, const ParamInfo& info, Diagnostics& faults) {
  ParamType element = info.type;
  element.list = false;
  if (node.kind == YamlNode::Kind::scalar)
    if (auto value = parse_scalar(element, node.text, node.quoted)) return value;
  const std::string got = node.kind != YamlNode::Kind::scalar ? fmt::format("a {}", node.kind_name())
                          : node.quoted || node.text.empty()  ? fmt::format("\"{}\"", node.text)
                                                              : node.text;
  faults.error(node.place, fmt::format("'{}': expected {}, got {}", info.name, to_string(element), got));
  return std::nullopt;
}

size_t index_of(const std::vector<ParamInfo>& infos, const std::string& name) {
  size_t i = 0;
  while (i < infos.size() && infos[i].name != name) ++i;
  return i;
}

// A parameter that an overridden setting refers to is not to be called unused.
void mark_used(const YamlNode& value, Scope& scope) {
  const auto name = parameter_reference(value);
  if (!name) return;
  if (const auto found = scope.parameters.find(*name); found != scope.parameters.end())
    found->second.used = true;
}

void bind_overrides(const FlatNode& node, std::span<const Override> overrides, CheckedNode& checked,
                    std::vector<bool>& given, Diagnostics& faults) {
  const std::vector<ParamInfo>& params = node.type->params;
  const std::vector<ParamInfo>& properties = property_infos();
  for (const Override& one : overrides) {
    if (const size_t i = index_of(params, one.name); i < params.size()) {
      given[i] = true;
      if (auto bound = bind_text(one.text, params[i], one.place, faults))
        checked.settings.push_back({i, std::move(*bound)});
    } else if (const size_t p = index_of(properties, one.name); p < properties.size()) {
      if (const auto bound = bind_text(one.text, properties[p], one.place, faults))
        set_property(checked.properties, p, *bound);
    } else {
      std::vector<std::string> known;
      for (const auto* infos : {&params, &properties})
        for (const ParamInfo& info : *infos) known.push_back(info.name);
      fail(ErrorKind::usage, "'{}' ({}) has no setting '{}'{}", node.name, node.type->type, one.name,
           did_you_mean(one.name, known));
    }
  }
}

}  // namespace

ParamInfo info_of(const ParameterDecl& decl) {
  ParamInfo info;
  info.name = decl.name.text;
  info.help = decl.help;
  info.type = decl.type;
  info.min = -std::numeric_limits<double>::infinity();
  info.max = std::numeric_limits<double>::infinity();
  return info;
}

std::optional<ParamValue> bind_value(const YamlNode& node, const ParamInfo& info, Scope& scope,
                                     Diagnostics& faults) {
  if (const auto name = parameter_reference(node)) return bind_reference(*name, node, info, scope, faults);
  const bool null = node.kind == YamlNode::Kind::scalar && !node.quoted && node.text == "null";
  if (!info.type.list || (null && info.type.optional)) {
    auto value = parse_one(node, info, faults);
    return value ? accept(std::move(*value), info, node.place, {}, faults) : std::nullopt;
  }
  if (node.kind != YamlNode::Kind::list) {
    faults.error(node.place, fmt::format("'{}': expected {}, got a {}", info.name, to_string(info.type),
                                         node.kind_name()));
    return std::nullopt;
  }
  ParamValue::List list;
  ParamInfo element = info;
  element.type.list = element.type.optional = false;
  for (const YamlNode& item : node.items) {
    auto value = parse_one(item, element, faults);
    if (value) value = accept(std::move(*value), element, item.place, {}, faults);
    if (!value) return std::nullopt;
    list.push_back(std::move(*value));
  }
  return ParamValue{std::move(list)};
}

std::optional<ParamValue> bind_text(const std::string& text, const ParamInfo& info, const Place& place,
                                    Diagnostics& faults) {
  YamlNode node;
  node.place = place;
  node.text = text;
  if (!info.type.list) {
    auto value = parse_one(node, info, faults);
    return value ? accept(std::move(*value), info, place, {}, faults) : std::nullopt;
  }
  std::string_view rest = text;
  if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
  ParamValue::List list;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string_view part = rest.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    node.text = part;
    auto value = parse_one(node, info, faults);
    if (!value) return std::nullopt;
    list.push_back(std::move(*value));
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
  }
  return accept({std::move(list)}, info, place, {}, faults);
}

std::string fault_of_text(const std::string& text, const ParamInfo& info) {
  Diagnostics faults;
  bind_text(text, info, {}, faults);
  if (!faults.has_errors()) return {};
  return faults.faults().front().message.substr(info.name.size() + 4);  // after "'NAME': "
}

void bind_settings(const FlatNode& node, std::span<const Override> overrides, CheckedNode& checked,
                   Diagnostics& faults) {
  const std::vector<ParamInfo>& params = node.type->params;
  const std::vector<ParamInfo>& properties = property_infos();
  std::vector<bool> given(params.size());
  const size_t errors_before = faults.errors();
  bind_overrides(node, overrides, checked, given, faults);
  for (const auto& [key, value] : node.decl->settings) {
    const auto overridden = [&](const Override& one) { return one.name == key.text; };
    if (std::any_of(overrides.begin(), overrides.end(), overridden)) {
      mark_used(value, *node.scope);
      continue;
    }
    if (const size_t i = index_of(params, key.text); i < params.size()) {
      given[i] = true;
      if (auto bound = bind_value(value, params[i], *node.scope, faults))
        checked.settings.push_back({i, std::move(*bound)});
    } else if (const size_t p = index_of(properties, key.text); p < properties.size()) {
      if (const auto bound = bind_value(value, properties[p], *node.scope, faults))
        set_property(checked.properties, p, *bound);
      if (key.text == "batch" && checked.properties.batch > 1 && node.type->form != NodeForm::map)
        faults.error(key.place, fmt::format("'{}' makes batches of map nodes only; {} is a {} node", key.text,
                                            node.type->type, name_of(node.type->form)));
    } else {
      std::vector<std::string> known = {"type", "inputs", "feedback"};
      std::string listed;
      for (const ParamInfo& info : params) {
        known.push_back(info.name);
        listed += fmt::format("{}{}", listed.empty() ? "" : ", ", info.name);
      }
      for (const ParamInfo& info : properties) known.push_back(info.name);
      faults.error(
          key.place,
          fmt::format("{} has no parameter '{}'{}", node.type->type, key.text, did_you_mean(key.text, known)),
          listed.empty() ? "it has none" : fmt::format("it has: {}", listed));
    }
  }
  for (size_t i = 0; i < params.size(); ++i)
    if (params[i].required && !given[i])
      faults.error(node.decl->name.place,
                   fmt::format("'{}' needs the parameter '{}' ({}): {}", node.decl->name.text, params[i].name,
                               to_string(params[i].type), params[i].help));
  if (faults.errors() == errors_before)
    if (std::string fault = node.type->fault(checked.settings); !fault.empty())
      faults.error(node.decl->name.place, fmt::format("'{}': {}", node.decl->name.text, fault));
  if (checked.properties.max_wait_ms >= 0 && checked.properties.batch == 1)
    faults.warning(node.decl->name.place,
                   fmt::format("'max_wait_ms' of '{}' means nothing without 'batch'", node.decl->name.text));
}

}  // namespace millrace
