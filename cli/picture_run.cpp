#include "cli/picture_run.h"

#include "cli/picture_output.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "nodes/register.h"

namespace millrace::cli {

void add_picture_paths(CLI::App& app, PictureOptions& options) {
  app.add_option(
         "IMAGE", options.paths,
         "pictures (JPEG, PNG, WebP, BMP, TIFF, GIF), folders of them, or films (AVI, MP4, Matroska, WebM)")
      ->required();
}

void add_reading_options(CLI::App& app, PictureOptions& options) {
  add_node_options(app, {.node = *shipped_nodes().find("image.read"), .name = "image", .prefix = ""},
                   options.values);
  app.add_option("--trace", options.trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_loudness_options(app, options.loudness);
}

void add_picture_options(CLI::App& app, PictureOptions& options, const std::string& files_help) {
  add_picture_paths(app, options);
  add_model_options(app, options.model);
  add_format_option(app, options.format, {"text", "json"});
  app.add_option("-o,--output", options.folder, files_help)->type_name("DIR");
  add_reading_options(app, options);
}

int run_pictures(const PictureRun& run, const PictureOptions& options, Console& console) {
  const Registry registry = shipped_nodes();
  auto values = options.values;
  values["model"] = options.model.model;
  std::vector<std::string> outputs = {run.found};
  if (run.write) outputs.emplace_back("picture");
  const auto pipeline = checked_pipeline(run.name, registry, values, true, outputs);
  PictureOutput told(run.files, options.format, console.out);
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    if (run.write) run.write(result);
    if (result.output_name == run.found) told.result(result, run.fields(result.packet));
  };
  sink.finished = [&](const FinishedItem& item) { told.finished(item); };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = run.files,
                       .weights = options.model.weights,
                       .threads = options.model.threads,
                       .trace = options.trace},
                      sink, console);
}

}  // namespace millrace::cli
