#pragma once
#include <string>
#include <vector>

#include "graph/check/properties.h"
#include "graph/node_type.h"
#include "graph/pipeline/source_text.h"

namespace millrace {

// Where an input port gets its packets from.
struct PortSource {
  static constexpr int kPipelineInput = -1;  // `port` counts the pipeline's inputs
  static constexpr int kUnwired = -2;
  static constexpr int kUnknown = -3;  // a fault that has been reported
  int node = kUnwired;
  int port = 0;
  bool from_node() const { return node >= 0; }
};

struct CheckedInput {
  std::string name;  // empty: plain $input
  const PacketType* type = nullptr;
};

struct CheckedNode {
  std::string name;  // "outer/inner" where a pipeline includes another
  const NodeType* type = nullptr;
  std::vector<ParamSetting> settings;
  NodeProperties properties;
  std::vector<PortSource> inputs;  // one per input port of the type
  std::vector<int> rates;          // one per output port: equal numbers come in step; 0 is once per item
  Place place;
};

struct CheckedOutput {
  std::string name;
  PortSource from;
  const PacketType* type = nullptr;
};

struct CheckedParameter {
  std::string name, help;
  ParamType type;
  bool has_value = false;
  ParamValue value;
};

// A pipeline that is wired correctly, all included pipelines unfolded. The node types belong to the registry
// that it was checked against, which has to outlive it.
struct CheckedPipeline {
  std::string name, description;
  std::vector<CheckedParameter> parameters;
  std::vector<CheckedInput> inputs;
  std::vector<CheckedNode> nodes;  // each after those it gets packets from, feedback aside
  std::vector<CheckedOutput> outputs;
  std::string warnings;  // rendered; may be empty
};

}  // namespace millrace
