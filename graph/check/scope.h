#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/node_type.h"
#include "graph/param_value.h"
#include "graph/pipeline/pipeline.h"

namespace millrace {

// A parameter of one use of a pipeline.
struct BoundParameter {
  const ParameterDecl* decl = nullptr;
  std::optional<ParamValue> value;
  Place place;  // where the value was written
  bool used = false;
};

// One use of a pipeline: the outermost, or one included as a node.
struct Scope {
  std::shared_ptr<const Pipeline> pipeline;
  std::string prefix;             // "" or "outer/"
  Scope* parent = nullptr;        // null for the outermost
  const NodeDecl* use = nullptr;  // the node in `parent` that this is
  std::map<std::string, BoundParameter> parameters;
  std::map<std::string, int> nodes;                        // name → flat node
  std::map<std::string, std::unique_ptr<Scope>> included;  // name → the pipeline it stands for

  std::string path() const;  // "asr → cut", for messages
  std::vector<std::string> node_names() const;
};

struct FlatNode {
  const NodeDecl* decl = nullptr;
  Scope* scope = nullptr;
  const NodeType* type = nullptr;  // null when unknown
  std::string name;
};

}  // namespace millrace
