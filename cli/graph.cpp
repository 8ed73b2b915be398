#include "cli/graph.h"

#include <memory>

#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "graph/picture.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string pipeline, file;
  std::vector<std::string> settings;
};

int draw_pipeline(const Options& options, Output& out) {
  const Registry registry = shipped_nodes();
  const std::string dot =
      to_dot(checked_pipeline(options.pipeline, registry, parse_settings(options.settings), false));
  if (options.file.empty())
    out.write(dot);
  else
    draw(dot, options.file);
  return 0;
}

}  // namespace

Subcommand add_graph_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "graph", "draws a pipeline",
                     "millrace graph asr -o asr.svg\nmillrace graph my_pipeline.yaml | dot -Tx11");
  const auto options = std::make_shared<Options>();
  app->add_option("PIPELINE", options->pipeline, "a YAML file, or the name of a pipeline that ships")
      ->required();
  app->add_option("-o,--output", options->file,
                  "the picture: .svg, .png, .pdf or .dot; else DOT to standard output")
      ->type_name("FILE");
  add_set_option(*app, options->settings);
  return {app, [options](Console& console) { return draw_pipeline(*options, console.out); }};
}

}  // namespace millrace::cli
