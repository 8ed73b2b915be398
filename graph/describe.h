#pragma once
#include <string>

#include "graph/node_type.h"
#include "graph/registry.h"

// The documentation of nodes, made from their contracts.
namespace millrace {

// A line per node type.
std::string list_nodes(const Registry& registry);

// All about one: parameters with ranges and defaults, ports with types, an example to paste.
std::string describe_node(const NodeType& type);

// The node as a pipeline would have it, each parameter with its default.
std::string example_yaml(const NodeType& type);

// docs/nodes.md: all nodes, by domain, and what any node takes besides.
std::string nodes_markdown(const Registry& registry);

}  // namespace millrace
