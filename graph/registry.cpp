#include "graph/registry.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/error.h"

namespace millrace {
namespace {

constexpr std::array<std::string_view, 8> kReserved = {"type",  "inputs",      "feedback",    "queue",
                                                       "batch", "max_wait_ms", "concurrency", "policy"};

bool is_word(std::string_view name) {
  return !name.empty() && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void check_contract(const NodeType& node) {
  const auto wrong = [&](std::string_view what, std::string_view name) {
    fail(ErrorKind::internal, "the contract of '{}' {} '{}'", node.type, what, name);
  };
  const size_t dot = node.type.find('.');
  if (dot == std::string::npos || !is_word(node.type.substr(0, dot)) || !is_word(node.type.substr(dot + 1)))
    wrong("needs a type like domain.action, not", node.type);
  std::set<std::string, std::less<>> seen;
  for (const ParamInfo& param : node.params) {
    if (!is_word(param.name) || std::find(kReserved.begin(), kReserved.end(), param.name) != kReserved.end())
      wrong("cannot have a parameter", param.name);
    if (!seen.insert(param.name).second) wrong("has twice the parameter", param.name);
    if (!param.required)
      if (const std::string fault = fault_of(param, param.default_value); !fault.empty())
        wrong(fault + ", as the default of", param.name);
  }
  for (const auto* ports : {&node.inputs, &node.outputs}) {
    seen.clear();
    for (const PortInfo& port : *ports) {
      if (!is_word(port.name)) wrong("cannot have a port", port.name);
      if (!seen.insert(port.name).second) wrong("has twice the port", port.name);
    }
  }
}

}  // namespace

void Registry::add(NodeType type) {
  check_contract(type);
  const std::string name = type.type;
  if (!types_.emplace(name, std::move(type)).second)
    fail(ErrorKind::internal, "the node type '{}' was added twice", name);
}

const NodeType* Registry::find(std::string_view type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : &found->second;
}

std::vector<const NodeType*> Registry::all() const {
  std::vector<const NodeType*> all;
  for (const auto& [name, type] : types_) all.push_back(&type);
  return all;
}

std::vector<std::string> Registry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) names.push_back(name);
  return names;
}

const NodeType* Registry::converter(const PacketType* from, const PacketType* to) const {
  for (const auto& [name, type] : types_) {
    const auto gives = [&](const PortInfo& port) { return port.type == to; };
    const PortInfo* required = nullptr;
    int count = 0;
    for (const PortInfo& port : type.inputs)
      if (port.role != PortRole::optional) required = &port, ++count;
    if (count == 1 && required->role == PortRole::required && required->type == from &&
        std::any_of(type.outputs.begin(), type.outputs.end(), gives))
      return &type;
  }
  return nullptr;
}

}  // namespace millrace
