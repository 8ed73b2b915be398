#include "cli/listen.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "base/log.h"
#include "cli/caption_output.h"
#include "cli/latency_tally.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "devices/stream_account.h"
#include "nodes/packets.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::vector<std::string> devices, inputs;
  ModelOptions model{.model = "openai/whisper-base", .weights = "int8"};
  std::string format = "text", file, language = "auto", task = "transcribe", trace;
  std::string window = "short";
  bool stats = false;
  Loudness loudness;
};

std::vector<std::string> sources_of(const Options& options) {
  std::vector<std::string> sources = options.devices;
  sources.insert(sources.end(), options.inputs.begin(), options.inputs.end());
  if (sources.empty()) sources.emplace_back("default");
  const bool subtitles = options.format == "srt" || options.format == "vtt";
  if (subtitles && sources.size() > 1)
    fail(ErrorKind::usage, "--format {} holds one stream; name one device or input", options.format);
  return sources;
}

std::map<std::string, std::string> settings_of(const Options& options) {
  std::map<std::string, std::string> values = {
      {"model", options.model.model}, {"language", options.language}, {"task", options.task}};
  if (options.window == "full") values["silence"] = "null";
  return values;
}

std::string seconds_or_none(const LatencyTally& latencies) {
  const auto median = latencies.median();
  return median ? fmt::format("{:.2f} s", *median) : std::string("none");
}

// Captions and what is said of them at the end.
class Listening {
 public:
  Listening(const CaptionOutput::Options& options, Output& out) : output_(options, out) {}

  void take(const OutputPacket& result) {
    const std::string input(result.item_name);
    if (result.packet.type() == &kPacketType<PartialText>) {
      const auto text = result.packet.get<PartialText>();
      partials_.add(text->latency);
      output_.partial(input, *text);
    } else if (result.packet.type() == &kPacketType<Segment>) {
      const auto segment = result.packet.get<Segment>();
      finals_.add(segment->latency);
      output_.segment(input, *segment);
    } else if (result.packet.type() == &kPacketType<StreamGap>) {
      output_.gap(input, *result.packet.get<StreamGap>());
    }
  }
  void end() { output_.end(); }

  std::string summary(const StreamCounts& counts, double seconds_away) const {
    return fmt::format(
        "{:.1f} s heard: {} samples captured, {} processed, {} dropped{}; median latency of partials {}, of "
        "finals {}",
        static_cast<double>(counts.captured) / kSpeechRate, counts.captured, counts.processed, counts.dropped,
        seconds_away > 0 ? fmt::format("; away for {:.1f} s", seconds_away) : "", seconds_or_none(partials_),
        seconds_or_none(finals_));
  }

 private:
  CaptionOutput output_;
  LatencyTally partials_, finals_;
};

int listen(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto sources = sources_of(options);
  const Registry registry = shipped_nodes();
  const auto pipeline = checked_pipeline("live_captions", registry, settings_of(options), true);
  Listening listening({.format = transcript_format(options.format),
                       .file = options.file,
                       .several = sources.size() > 1,
                       .status = options.stats && console.progress.enabled() ? &console.progress : nullptr},
                      console.out);
  const auto sound = std::make_shared<SoundAccount>();
  const auto speech = std::make_shared<SpeechAccount>();
  Sink sink;
  sink.packet = [&](const OutputPacket& result) { listening.take(result); };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = sources,
                       .weights = options.model.weights,
                       .threads = options.model.threads,
                       .trace = options.trace,
                       .stats = options.stats,
                       .live = true,
                       .prepare =
                           [&](Resources& resources) {
                             resources.set<SoundAccount>(sound);
                             resources.set<SpeechAccount>(speech);
                           },
                       .report =
                           [&](const RunReport&) {
                             listening.end();
                             log::message(log::Level::info,
                                          listening.summary(speech->total(), sound->total().seconds_away));
                           }},
                      sink, console);
}

}  // namespace

Subcommand add_listen_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "listen", "captions of what is being said",
                     "millrace listen\n"
                     "millrace listen --language en --format srt -o captions.srt\n"
                     "millrace listen --input talk.mp3 --format json\n"
                     "ffmpeg -i rtsp://camera -f s16le -ar 16000 -ac 1 - | millrace listen --input -");
  const auto options = std::make_shared<Options>();
  app->add_option("--device", options->devices, "a microphone's name or number; default")
      ->type_name("D")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app->add_option("--input", options->inputs,
                  "a recording, played as if it were spoken now; - reads standard input")
      ->type_name("F")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_format_option(*app, options->format, {"text", "json", "srt", "vtt"});
  app->add_option("-o,--output", options->file,
                  "final segments go there in that format, as they are made; the captions stay on the screen")
      ->type_name("FILE");
  add_model_options(*app, options->model);
  app->add_option("--language", options->language, "spoken language: a code or a name; auto detects it")
      ->type_name("LANGUAGE")
      ->default_str(options->language);
  add_choice_option(*app, "--task", options->task, {"transcribe", "translate"},
                    "write what is said, or translate it into English");
  add_choice_option(*app, "--window", options->window, {"short", "full"},
                    "what the encoder hears: little more than what is said, or the model's full length, "
                    "which takes several times as long");
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_stats_option(*app, options->stats);
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return listen(*options, console); }};
}

}  // namespace millrace::cli
