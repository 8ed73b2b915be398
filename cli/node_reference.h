#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "graph/node_type.h"
#include "graph/registry.h"

// What a contract says, for people and for programs.
namespace millrace::cli {

std::string describe_node(const NodeType& node);  // for a terminal
nlohmann::ordered_json node_to_json(const NodeType& node);
std::string node_reference(const Registry& registry);  // docs/nodes.md

}  // namespace millrace::cli
