#include "cli/transcribe.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <memory>

#include "cli/node_options.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "cli/transcript_output.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  ModelOptions model{.model = "openai/whisper-base"};
  std::string format = "text", folder, timestamps = "segment", trace;
  int batch_size = 0;  // 0: the sequential algorithm
  bool voice_activity = true, stats = false;
  NodeSettings values;
  Loudness loudness;
};

// The pipeline's parameters and settings as the options say.
std::map<std::string, std::string> settings_of(const Options& options) {
  auto values = options.values;
  values["model"] = options.model.model;
  // As in faster-whisper, clips are listened to whole.
  const auto clips = values.find("windows.clip_timestamps");
  const bool has_clips = clips != values.end() && !clips->second.empty() && clips->second != "0";
  if (!options.voice_activity || has_clips) values["speech.method"] = "none";
  if (const auto chunk = values.find("text.chunk_length"); chunk != values.end()) {
    values["windows.seconds"] = chunk->second;
    if (options.batch_size > 0) values.emplace("speech.max_speech_duration_s", chunk->second);
  }
  if (options.timestamps == "none") values["text.without_timestamps"] = "true";
  if (options.timestamps == "word") values["text.word_timestamps"] = "true";
  if (options.batch_size > 0) {
    values["text.windows"] = std::to_string(options.batch_size);
    values["encoded.batch"] = std::to_string(options.batch_size);
  }
  return values;
}

void check_format(const Options& options) {
  const bool subtitles = options.format == "srt" || options.format == "vtt";
  if (subtitles && options.timestamps == "none")
    fail(ErrorKind::usage, "--format {} needs times; leave out --timestamps none", options.format);
  if (subtitles && options.files.size() > 1 && options.folder.empty())
    fail(ErrorKind::usage, "several files as {} need a folder to go to: -o DIR", options.format);
}

int transcribe(const Options& options, Console& console) {
  options.loudness.apply(console);
  check_format(options);
  TranscriptOutput output(
      {.format = transcript_format(options.format), .folder = options.folder, .files = options.files},
      console.out);
  const Registry registry = shipped_nodes();
  const auto pipeline =
      checked_pipeline(options.batch_size > 0 ? "asr_batched" : "asr", registry, settings_of(options), true);
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    const std::string file(result.item_name);
    if (result.packet.type() == &kPacketType<Segment>) output.segment(file, *result.packet.get<Segment>());
    if (result.packet.type() == &kPacketType<Transcript>)
      output.transcript(file, *result.packet.get<Transcript>());
  };
  sink.finished = [&](const FinishedItem& item) { output.finished(item); };
  return run_pipeline({.pipeline = pipeline,
                       .inputs = options.files,
                       .weights = options.model.weights,
                       .threads = options.model.threads,
                       .trace = options.trace,
                       .stats = options.stats},
                      sink, console);
}

}  // namespace

Subcommand add_transcribe_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "transcribe", "writes down what is said in recordings",
                     "millrace transcribe talk.mp3\n"
                     "millrace transcribe --language de --task translate --format srt interview.m4a\n"
                     "millrace transcribe --batch-size 8 --format json -o transcripts/ *.flac\n"
                     "arecord -f S16_LE -r 16000 | millrace transcribe -");
  const auto options = std::make_shared<Options>();
  app->add_option("FILE", options->files,
                  "recordings of any format; - reads standard input: a WAV file or the like, or "
                  "raw 16-bit samples at 16 kHz")
      ->required();
  add_model_options(*app, options->model);
  add_format_option(*app, options->format, {"text", "json", "srt", "vtt"});
  app->add_option("-o,--output", options->folder, "a file for each recording goes there")->type_name("DIR");
  add_choice_option(*app, "--timestamps", options->timestamps, {"none", "segment", "word"},
                    "which times are found");
  add_count_option(*app, "--batch-size", options->batch_size, 256,
                   "windows decoded together; 0: one after the other, each with the text before as context");
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_stats_option(*app, options->stats);
  add_loudness_options(*app, options->loudness);

  const Registry registry = shipped_nodes();
  app->option_defaults()->group("Transcription");
  add_node_options(*app,
                   {.node = *registry.find("speech.transcribe"),
                    .name = "text",
                    .prefix = "",
                    .except = {"without_timestamps", "word_timestamps"}},
                   options->values);
  add_node_options(
      *app, {.node = *registry.find("audio.window"), .name = "windows", .prefix = "", .except = {"seconds"}},
      options->values);
  app->option_defaults()->group("Voice activity");
  app->add_flag("--vad-filter,!--no-vad-filter", options->voice_activity,
                "only speech is listened to; off with --clip-timestamps")
      ->default_str("on");
  add_node_options(*app, {.node = *registry.find("audio.voice_activity"), .name = "speech", .prefix = "vad-"},
                   options->values);
  return {app, [options](Console& console) { return transcribe(*options, console); }};
}

}  // namespace millrace::cli
