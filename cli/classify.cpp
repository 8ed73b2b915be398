#include "cli/classify.h"

#include <memory>

#include "cli/node_options.h"
#include "cli/packet_text.h"
#include "cli/picture_files.h"
#include "cli/picture_output.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "nodes/image_packets.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr const char* kZeroShotModel = "openai/clip-vit-base-patch32";

struct Options {
  std::vector<std::string> paths;
  std::string labels, prompt = "a photo of a {}";
  ModelOptions model{.model = "timm/tf_efficientnet_lite0.in1k"};
  int top_k = 5, batch_size = 8;
  std::string format = "text", trace;
  NodeSettings values;
  Loudness loudness;
};

// The pipeline and what it is told: with --labels the one that chooses among these.
CheckedPipeline pipeline_of(const Options& options, const Registry& registry) {
  auto values = options.values;
  values["model"] = options.model.model;
  values["top_k"] = std::to_string(options.top_k);
  values["labels.batch"] = std::to_string(options.batch_size);
  if (options.labels.empty()) return checked_pipeline("classify", registry, std::move(values), true);
  if (options.labels.starts_with('@'))
    values["labels_file"] = options.labels.substr(1);
  else
    values["labels"] = options.labels;
  values["prompt"] = options.prompt;
  return checked_pipeline("zero_shot", registry, std::move(values), true);
}

int classify(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto files = picture_files(options.paths);
  const Registry registry = shipped_nodes();
  const auto pipeline = pipeline_of(options, registry);
  PictureOutput told(files, options.format, console.out);
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    told.result(result, {{"predictions", packet_to_json(result.packet)}});
  };
  sink.finished = [&](const FinishedItem& item) { told.finished(item); };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = files,
                       .weights = options.model.weights,
                       .threads = options.model.threads,
                       .trace = options.trace},
                      sink, console);
}

}  // namespace

Subcommand add_classify_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "classify", "says what is on pictures",
                                 "millrace classify photo.jpg\n"
                                 "millrace classify --top-k 1 --format json holiday/ > labels.jsonl\n"
                                 "millrace classify --model google/vit-base-patch16-224 *.png\n"
                                 "millrace classify --labels \"cat, dog, teapot\" photo.jpg\n"
                                 "millrace classify --every 2 film.mp4");
  const auto options = std::make_shared<Options>();
  app->add_option(
         "IMAGE", options->paths,
         "pictures (JPEG, PNG, WebP, BMP, TIFF), folders of them, or films (AVI, MP4, Matroska, WebM)")
      ->required();
  add_model_options(*app, options->model);
  CLI::Option* labels =
      app->add_option("--labels", options->labels,
                      fmt::format("labels to choose from, \"cat, dog\", or @FILE with one a line, by a model "
                                  "of pictures and texts: {} without --model",
                                  kZeroShotModel));
  labels->type_name("LABELS");
  app->add_option("--prompt", options->prompt, "what is asked of each label, which takes the place of {}")
      ->type_name("TEXT")
      ->capture_default_str()
      ->needs(labels);
  add_format_option(*app, options->format, {"text", "json"});
  add_count_option(*app, "--top-k", options->top_k, 100000,
                   "how many labels are told of, the likeliest first");
  add_count_option(*app, "--batch-size", options->batch_size, 256,
                   "pictures that go through the model together");
  const Registry registry = shipped_nodes();
  add_node_options(*app, {.node = *registry.find("image.read"), .name = "image", .prefix = ""},
                   options->values);
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_loudness_options(*app, options->loudness);
  return {app, [app, options](Console& console) {
            if (!options->labels.empty() && app->count("--model") == 0) options->model.model = kZeroShotModel;
            return classify(*options, console);
          }};
}

}  // namespace millrace::cli
