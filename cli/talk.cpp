#include "cli/talk.h"

#include <memory>
#include <optional>

#include "cli/node_options.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "cli/talk_output.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::string source = "default", speech_model = "openai/whisper-base", language = "auto", format = "text",
              trace;
  std::optional<std::string> system;
  bool speak = false, barge_in = false, stats = false;
  ModelOptions model{.model = "HuggingFaceTB/SmolLM2-135M-Instruct", .weights = "int8"};
  NodeSettings settings;
  Loudness loudness;
};

// The pipeline's parameters and settings as the options say.
std::map<std::string, std::string> settings_of(const Options& options) {
  auto values = options.settings;
  values["model"] = options.model.model;
  values["speech_model"] = options.speech_model;
  values["language"] = options.language;
  if (options.system) values["system"] = *options.system;
  values["speak"] = options.speak ? "espeak" : "none";
  values["barge_in"] = !options.speak || options.barge_in ? "true" : "false";
  if (const auto length = values.find("text.context_length"); length != values.end())
    values["talk.context_length"] = length->second;
  return values;
}

int talk(const Options& options, Console& console) {
  options.loudness.apply(console);
  const Registry registry = shipped_nodes();
  const auto pipeline = checked_pipeline("talk", registry, settings_of(options), true);
  const SystemClock clock;
  TalkOutput output(options.format == "json", console.out, clock);
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    if (result.packet.type() == &kPacketType<Heard>) output.heard(*result.packet.get<Heard>());
    if (result.packet.type() == &kPacketType<TextPiece>) output.piece(*result.packet.get<TextPiece>());
    if (result.packet.type() == &kPacketType<Completion>) output.completion(*result.packet.get<Completion>());
  };
  sink.finished = [&](const FinishedItem&) { output.finish(); };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = {options.source},
                       .weights = options.model.weights,
                       .threads = options.model.threads,
                       .trace = options.trace,
                       .stats = options.stats,
                       .live = true},
                      sink, console);
}

}  // namespace

Subcommand add_talk_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "talk", "a spoken conversation with a language model",
                     "millrace talk --speak\n"
                     "millrace talk --input questions.wav --speak --system \"Answer like a pirate.\"\n"
                     "arecord -f S16_LE -r 16000 | millrace talk --input - --format json");
  const auto options = std::make_shared<Options>();
  CLI::Option* device = app->add_option("--device", options->source, "a microphone's name or number")
                            ->type_name("D")
                            ->capture_default_str();
  app->add_option("--input", options->source,
                  "a recording, played as if it were spoken now; - reads standard input: a WAV file or the "
                  "like, or raw 16-bit samples at 16 kHz")
      ->type_name("FILE")
      ->excludes(device);
  add_model_options(*app, options->model);
  app->add_option("--speech-model", options->speech_model, "a Whisper-like model")
      ->type_name("MODEL")
      ->capture_default_str();
  app->add_option("--language", options->language, "spoken language; auto detects it")
      ->type_name("CODE")
      ->capture_default_str();
  app->add_option("--system", options->system, "what the language model is told before the conversation")
      ->type_name("TEXT");
  app->add_flag("--speak", options->speak, "speaks the answers, with eSpeak NG");
  app->add_flag("--barge-in", options->barge_in,
                "listens while it speaks, so that it can be interrupted: for headphones");
  add_format_option(*app, options->format, {"text", "json"});
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_stats_option(*app, options->stats);
  add_loudness_options(*app, options->loudness);

  const Registry registry = shipped_nodes();
  app->option_defaults()->group("Listening");
  add_node_options(
      *app,
      {.node = *registry.find("talk.listen"), .name = "listen", .prefix = "listen-", .except = {"barge_in"}},
      options->settings);
  app->option_defaults()->group("Generation");
  add_node_options(
      *app, {.node = *registry.find("text.decode"), .name = "text", .prefix = "", .except = {"sequences"}},
      options->settings);
  app->option_defaults()->group("Speaking");
  add_node_options(
      *app,
      {.node = *registry.find("audio.speak"), .name = "speak", .prefix = "speak-", .except = {"method"}},
      options->settings);
  return {app, [options](Console& console) { return talk(*options, console); }};
}

}  // namespace millrace::cli
