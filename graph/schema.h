#pragma once
#include <nlohmann/json.hpp>

#include "graph/node_type.h"
#include "graph/registry.h"

// What contracts say, for programs.
namespace millrace {

// One node type: its ports and parameters.
nlohmann::ordered_json node_json(const NodeType& type);

// A JSON Schema (draft 2020-12) of pipeline files, docs/pipeline.schema.json: editors complete and check with
// it. What goes beyond one node (types of ports, cycles, unused nodes) is the check's, graph/check/check.h.
nlohmann::ordered_json pipeline_schema(const Registry& registry);

}  // namespace millrace
