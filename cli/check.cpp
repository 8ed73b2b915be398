#include "cli/check.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string pipeline, format = "text";
  std::vector<std::string> settings;
};

int check(const Options& options, Output& out) {
  const Registry registry = shipped_nodes();
  const auto checked = checked_pipeline(options.pipeline, registry, parse_settings(options.settings), false);
  if (options.format == "text") {
    out.line(fmt::format("{}: correct; {} nodes", options.pipeline, checked.nodes.size()));
    return 0;
  }
  nlohmann::ordered_json json = {
      {"pipeline", options.pipeline}, {"name", checked.name}, {"warnings", checked.warnings}};
  for (const CheckedNode& node : checked.nodes)
    json["nodes"].push_back({{"name", node.name}, {"type", node.type->type}});
  for (const CheckedOutput& output : checked.outputs)
    json["outputs"].push_back({{"name", output.name}, {"type", output.type->name}});
  out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}

}  // namespace

Subcommand add_check_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "check", "tells all that is wrong with a pipeline, without running it",
                     "millrace check my_pipeline.yaml\nmillrace check asr --set language=en");
  const auto options = std::make_shared<Options>();
  app->add_option("PIPELINE", options->pipeline, "a YAML file, or the name of a pipeline that ships")
      ->required();
  add_set_option(*app, options->settings);
  add_format_option(*app, options->format, {"text", "json"});
  return {app, [options](Console& console) { return check(*options, console.out); }};
}

}  // namespace millrace::cli
