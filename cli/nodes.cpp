#include "cli/nodes.h"

#include <fmt/core.h>

#include <memory>

#include "base/suggest.h"
#include "cli/node_reference.h"
#include "cli/shared_options.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string name, format = "text";
};

int print_nodes(const Options& options, Output& out) {
  const Registry registry = shipped_nodes();
  std::vector<const NodeType*> chosen = registry.all();
  if (!options.name.empty()) {
    chosen = {registry.find(options.name)};
    if (chosen.front() == nullptr)
      fail(ErrorKind::usage, "there is no node type '{}'{}; 'millrace nodes' lists them", options.name,
           did_you_mean(options.name, registry.names()));
  }
  if (options.format == "markdown") {
    out.write(node_reference(registry));
  } else if (options.format == "json") {
    for (const NodeType* node : chosen) out.line(node_to_json(*node).dump());
  } else if (!options.name.empty()) {
    out.write(describe_node(*chosen.front()));
  } else {
    for (const NodeType* node : chosen) out.line(fmt::format("{:<24} {}", node->type, node->help));
  }
  return 0;
}

}  // namespace

Subcommand add_nodes_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "nodes", "lists the node types, or says all about one",
                                 "millrace nodes\nmillrace nodes audio.log_mel");
  const auto options = std::make_shared<Options>();
  app->add_option("NAME", options->name, "a node type");
  add_format_option(*app, options->format, {"text", "json", "markdown"});
  return {app, [options](Console& console) { return print_nodes(*options, console.out); }};
}

}  // namespace millrace::cli
