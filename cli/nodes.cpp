#include "cli/nodes.h"

#include <fmt/core.h>

#include <memory>

#include "base/suggest.h"
#include "cli/shared_options.h"
#include "graph/describe.h"
#include "graph/schema.h"
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
  if (options.format == "markdown")
    out.write(nodes_markdown(registry));
  else if (options.format == "schema")
    out.line(pipeline_schema(registry).dump(2));
  else if (options.format == "json")
    for (const NodeType* node : chosen) out.line(node_json(*node).dump());
  else
    out.write(options.name.empty() ? list_nodes(registry) : describe_node(*chosen.front()));
  return 0;
}

}  // namespace

Subcommand add_nodes_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(
      parent, "nodes", "lists the node types, or says all about one",
      "millrace nodes\nmillrace nodes audio.log_mel\nmillrace nodes --format schema > pipeline.schema.json");
  const auto options = std::make_shared<Options>();
  app->add_option("NAME", options->name, "a node type");
  add_format_option(*app, options->format, {"text", "json", "markdown", "schema"});
  return {app, [options](Console& console) { return print_nodes(*options, console.out); }};
}

}  // namespace millrace::cli
