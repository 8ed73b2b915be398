#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "graph/node_type.h"

namespace millrace::cli {

// What the options of a command say of a pipeline's nodes: "text.beam_size" to a value.
using NodeSettings = std::map<std::string, std::string>;

// An option for every parameter of a node that is not required, from its contract: --beam-size for
// text.beam_size. `settings` has to outlive the parsing.
struct NodeOptions {
  const NodeType& node;
  std::string name;                      // in the pipeline
  std::string prefix;                    // of the options
  std::vector<std::string> except = {};  // parameters without an option
};
void add_node_options(CLI::App& app, const NodeOptions& options, NodeSettings& settings);

}  // namespace millrace::cli
