#include "cli/classify.h"

#include <memory>

#include "cli/packet_text.h"
#include "cli/picture_files.h"
#include "cli/picture_run.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr const char* kZeroShotModel = "openai/clip-vit-base-patch32";

struct Options : PictureOptions {
  std::string labels, prompt = "a photo of a {}";
  int top_k = 5, batch_size = 8;
};

// With --labels by the pipeline that chooses among these.
int classify(Options options, Console& console) {
  options.loudness.apply(console);
  const auto files = picture_files(options.paths);
  options.values["top_k"] = std::to_string(options.top_k);
  options.values["labels.batch"] = std::to_string(options.batch_size);
  if (options.labels.starts_with('@'))
    options.values["labels_file"] = options.labels.substr(1);
  else if (!options.labels.empty())
    options.values["labels"] = options.labels;
  if (!options.labels.empty()) options.values["prompt"] = options.prompt;
  return run_pictures({.name = options.labels.empty() ? "classify" : "zero_shot",
                       .found = "predictions",
                       .files = files,
                       .fields = [](const Packet& packet) -> nlohmann::ordered_json {
                         return {{"predictions", packet_to_json(packet)}};
                       },
                       .write = {}},
                      options, console);
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
  options->model.model = "timm/tf_efficientnet_lite0.in1k";
  add_picture_paths(*app, *options);
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
  add_reading_options(*app, *options);
  return {app, [app, options](Console& console) {
            if (!options->labels.empty() && app->count("--model") == 0) options->model.model = kZeroShotModel;
            return classify(*options, console);
          }};
}

}  // namespace millrace::cli
