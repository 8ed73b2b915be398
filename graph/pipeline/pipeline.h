#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/param_value.h"
#include "graph/pipeline/yaml_tree.h"

// A pipeline file as it was written: names and places, nothing looked up yet.
namespace millrace {

// A name with the place where it stands.
struct Name {
  std::string text;
  Place place;
};

// What a wire starts from: "node.port", or "$input", or "$input.port" (node is then empty).
struct PortRef {
  std::string node, port;
  Place place;
  bool faulty = false;  // could not be read; reported
  bool is_input() const { return node.empty() && !faulty; }
};

struct Wire {
  Name input;  // the port it ends at
  PortRef from;
};

struct ParameterDecl {
  Name name;
  ParamType type;
  std::string help;
  std::optional<YamlNode> default_value;
};

struct NodeDecl {
  Name name, type;
  std::vector<Wire> inputs, feedback;
  std::vector<std::pair<Name, YamlNode>> settings;  // parameters and properties (queue, batch …)
};

struct OutputDecl {
  Name name;
  PortRef from;
};

struct Pipeline {
  std::shared_ptr<const SourceText> source;
  std::string name, description;
  std::vector<ParameterDecl> parameters;
  std::vector<NodeDecl> nodes;
  std::vector<OutputDecl> outputs;
};

// Reads the file's form. All that is wrong goes to `faults`; the result holds what could be read.
Pipeline parse_pipeline(const std::shared_ptr<const SourceText>& source, Diagnostics& faults);

// The parameter type called `name` ("int", "list of float", "string or null" …), if there is one.
std::optional<ParamType> parse_param_type(std::string_view name);

// If `node` is the plain scalar $name, that name.
std::optional<std::string> parameter_reference(const YamlNode& node);

}  // namespace millrace
