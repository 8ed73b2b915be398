#include "cli/run.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/packet_text.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string pipeline, format = "json", trace, weights;
  std::vector<std::string> inputs, settings;
  int threads = 0;
  bool stats = false;
  Loudness loudness;
};

// One JSON object an item: its outputs by name, lists but for whole results.
class JsonLines {
 public:
  JsonLines(const CheckedPipeline& pipeline, Output& out) : pipeline_(pipeline), out_(out) { begin(); }

  void packet(const OutputPacket& result) {
    auto& value = item_[std::string(result.output_name)];
    if (is_whole_result(pipeline_.outputs[result.output].type))
      value = packet_to_json(result.packet);
    else
      value.push_back(packet_to_json(result.packet));
  }
  void finished(const FinishedItem& item) {
    nlohmann::ordered_json line = {{"file", item.name}};
    if (item.error)
      line["error"] = item.error->what();
    else
      line.update(item_);
    if (item.cut_short) line["cut_short"] = true;
    out_.line(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    begin();
  }

 private:
  void begin() {
    item_ = nlohmann::ordered_json::object();
    for (const CheckedOutput& output : pipeline_.outputs)
      item_[output.name] =
          is_whole_result(output.type) ? nlohmann::ordered_json() : nlohmann::ordered_json::array();
  }
  const CheckedPipeline& pipeline_;
  Output& out_;
  nlohmann::ordered_json item_;
};

int run(const Options& options, Console& console) {
  options.loudness.apply(console);
  const Registry registry = shipped_nodes();
  const auto pipeline = checked_pipeline(options.pipeline, registry, parse_settings(options.settings), true);
  JsonLines json(pipeline, console.out);
  size_t headed = 0;  // items whose header has been printed
  const auto head = [&](size_t item, std::string_view name) {
    if (options.inputs.size() > 1 && headed == item)
      console.out.line(fmt::format("== {} ==", name)), ++headed;
  };
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    if (options.format == "json") return json.packet(result);
    head(result.item, result.item_name);
    console.out.write(packet_to_text(result.packet));
  };
  sink.finished = [&](const FinishedItem& item) {
    options.format == "json" ? json.finished(item) : head(item.item, item.name);
  };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = options.inputs,
                       .weights = options.weights,
                       .threads = options.threads,
                       .trace = options.trace,
                       .stats = options.stats},
                      sink, console);
}

}  // namespace

Subcommand add_run_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "run", "runs a pipeline over files",
                     "millrace run asr talk.mp3\n"
                     "millrace run pipelines/asr.yaml *.wav --set language=en --set text.beam_size=1\n"
                     "millrace run asr talk.mp3 --trace trace.json");
  const auto options = std::make_shared<Options>();
  app->add_option("PIPELINE", options->pipeline, "a YAML file, or the name of a pipeline that ships")
      ->required();
  app->add_option("INPUT", options->inputs, "files; - is standard input")->required();
  add_set_option(*app, options->settings);
  add_format_option(*app, options->format, {"json", "text"});
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_stats_option(*app, options->stats);
  add_weights_option(*app, options->weights);
  add_threads_option(*app, options->threads);
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return run(*options, console); }};
}

}  // namespace millrace::cli
