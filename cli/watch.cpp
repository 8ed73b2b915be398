#include "cli/watch.h"

#include <charconv>
#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>

#include "base/log.h"
#include "cli/live_view.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "cli/watch_output.h"
#include "devices/film_recorder.h"
#include "devices/picture_window.h"
#include "devices/stream_account.h"
#include "nodes/packets.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr const char* kClassifier = "timm/tf_efficientnet_lite0.in1k";
constexpr const char* kZeroShotModel = "openai/clip-vit-base-patch32";

struct Options {
  std::string device = "0", input, labels, record, format = "text", trace;
  ModelOptions model{.model = kClassifier};
  bool detect = false, window = false, no_window = false, stats = false;
  int top_k = 5;
  double smooth = 0, fps = 0, threshold = 0.9;
  Loudness loudness;
};

bool wants_window(const Options& options) {
  if (options.no_window) return false;
  const bool possible = PictureWindow::possible();
  if (options.window && !possible)
    fail(ErrorKind::io, "there is no display for a window; --no-window writes lines alone, --record a film");
  return possible;
}

// One run of the pipeline, and where its results go.
class Watch {
 public:
  Watch(const Options& options, Console& console)
      : options_(options),
        console_(console),
        source_(options.input.empty() ? options.device : options.input),
        found_(options.detect ? "objects" : "predictions"),
        told_(options.format, found_, *clock_, console) {
    if (!options.record.empty()) recorder_.emplace(options.record);
  }

  // What was recorded is kept however the run ends.
  int run() {
    int code = 0;
    try {
      code = wants_window(options_) ? run_in_window() : run_graph();
    } catch (...) {
      if (recorder_) recorder_->finish();
      throw;
    }
    if (recorder_ && !recorder_->finish())
      log::warning("{}: no picture came, so that there is no film", options_.record);
    return code;
  }

 private:
  // The graph runs beside, since windows want this thread.
  int run_in_window() {
    view_.emplace();
    auto running = std::async(std::launch::async, [this] { return run_graph(); });
    const auto done = [&] { return running.wait_for(std::chrono::seconds(0)) == std::future_status::ready; };
    bool closed = true;
    try {
      closed = !view_->run("Millrace: " + source_, done);
    } catch (...) {
      console_.interrupts.stop.cancel();
      throw;
    }
    if (closed) console_.interrupts.stop.cancel();
    const int code = running.get();
    return closed ? 0 : code;
  }

  int run_graph() {
    const Registry registry = shipped_nodes();
    const char* name = options_.detect           ? "live_detection"
                       : options_.labels.empty() ? "live_camera"
                                                 : "live_zero_shot";
    const auto pipeline = checked_pipeline(name, registry, settings(), true, {found_, "picture", "gap"});
    Sink sink;
    sink.packet = [this](const OutputPacket& result) { take(result); };
    return run_pipeline({.pipeline = pipeline,
                         .inputs = {source_},
                         .weights = options_.model.weights,
                         .threads = options_.model.threads,
                         .trace = options_.trace,
                         .stats = options_.stats,
                         .live = true,
                         .prepare =
                             [this](Resources& resources) {
                               resources.set<StreamClock>(clock_);
                               resources.set<VideoAccount>(account_);
                             },
                         .report = [this](const RunReport& report) { tell_account(report); }},
                        sink, console_);
  }

  std::map<std::string, std::string> settings() const {
    std::map<std::string, std::string> values = {{"model", options_.model.model},
                                                 {"fps", fmt::format("{}", options_.fps)}};
    if (options_.detect) {
      values["threshold"] = fmt::format("{}", options_.threshold);
    } else {
      values["top_k"] = std::to_string(options_.top_k);
      values["smooth"] = fmt::format("{}", options_.smooth);
      const bool file = options_.labels.starts_with('@');
      if (!options_.labels.empty())
        values[file ? "labels_file" : "labels"] = options_.labels.substr(file ? 1 : 0);
    }
    return values;
  }

  void take(const OutputPacket& result) {
    if (result.output_name == found_) return told_.found(result.packet);
    if (result.output_name == "gap") return told_.gap(*result.packet.get<StreamGap>());
    const auto image = result.packet.get<Image>();
    told_.picture(*image);
    if (view_) view_->show(image);
    if (recorder_) recorder_->add(*image, image->seconds.value_or(0));
  }

  // Pictures are dropped by the camera's own thread, and where the pipeline takes the newest.
  void tell_account(const RunReport& report) const {
    const StreamCounts counts = account_->total();
    int64_t processed = 0, dropped = counts.dropped;
    for (const EdgeReport& edge : report.edges)
      if (edge.name.starts_with("camera.image ")) processed += edge.processed, dropped += edge.dropped;
    if (counts.captured == 0) return;
    const auto latency = told_.latencies().median();
    log::info("{}: {} pictures captured, {} processed, {} dropped{}", source_, counts.captured, processed,
              dropped, latency ? fmt::format("; median latency {:.0f} ms", *latency * 1000) : "");
  }

  const Options& options_;
  Console& console_;
  std::string source_, found_;
  std::shared_ptr<StreamClock> clock_ = std::make_shared<SystemClock>();
  std::shared_ptr<VideoAccount> account_ = std::make_shared<VideoAccount>();
  WatchOutput told_;
  std::optional<FilmRecorder> recorder_;
  std::optional<LiveView> view_;
};

void add_number_option(CLI::App& app, const std::string& name, double& value, double most,
                       const std::string& unit, const std::string& help) {
  app.add_option(name, value, help)
      ->type_name(unit)
      ->default_str(fmt::format("{}", value))
      ->check([most](const std::string& given) -> std::string {
        double number = -1;
        const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
        const bool whole = error == std::errc() && end == given.data() + given.size();
        return whole && number >= 0 && number <= most
                   ? std::string()
                   : fmt::format("'{}' is no number from 0 to {}", given, most);
      });
}

}  // namespace

Subcommand add_watch_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "watch", "says what a camera sees, as it sees it",
                                 "millrace watch\n"
                                 "millrace watch --smooth 0.5 --record seen.mp4\n"
                                 "millrace watch --device rtsp://camera.local/stream --format json\n"
                                 "millrace watch --detect --model hustvl/yolos-tiny --threshold 0.5\n"
                                 "millrace watch --labels \"cat, dog, teapot\" --top-k 1\n"
                                 "millrace watch --input film.mp4 --no-window");
  const auto options = std::make_shared<Options>();
  CLI::Option* device = app->add_option("--device", options->device,
                                        "a camera's number, /dev/videoN, or an http or rtsp address")
                            ->type_name("CAMERA")
                            ->capture_default_str();
  app->add_option("--input", options->input, "a film instead, as if it were seen now")
      ->type_name("FILM")
      ->excludes(device);
  CLI::Option* detect =
      app->add_flag("--detect", options->detect, "finds things and puts boxes around them; needs --model");
  add_model_options(*app, options->model);
  app->add_option("--labels", options->labels,
                  fmt::format("labels to choose from, \"cat, dog\", or @FILE with one a line, by a model of "
                              "pictures and texts: {} without --model",
                              kZeroShotModel))
      ->type_name("LABELS")
      ->excludes(detect);
  add_count_option(*app, "--top-k", options->top_k, 100000,
                   "how many labels are told of, the likeliest first");
  add_number_option(*app, "--smooth", options->smooth, 3600, "SECONDS",
                    "averages scores over so long, so that labels do not flicker");
  add_number_option(*app, "--threshold", options->threshold, 1, "SCORE",
                    "with --detect: objects with a larger score are told of");
  add_number_option(*app, "--fps", options->fps, 1000, "RATE",
                    "pictures a second at most; 0: as many as can be looked at");
  app->add_option("--record", options->record, "writes what is shown as a film: .mp4, .mkv or .avi")
      ->type_name("FILE");
  CLI::Option* window =
      app->add_flag("--window", options->window, "a window is needed; without it: where there is a display");
  app->add_flag("--no-window", options->no_window, "lines alone")->excludes(window);
  add_format_option(*app, options->format, {"text", "json"});
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_stats_option(*app, options->stats);
  add_loudness_options(*app, options->loudness);
  return {app, [app, detect, options](Console& console) {
            if (detect->count() > 0 && app->count("--model") == 0)
              fail(ErrorKind::usage,
                   "--detect needs --model with a model that detects objects, such as hustvl/yolos-tiny");
            if (!options->labels.empty() && app->count("--model") == 0) options->model.model = kZeroShotModel;
            options->loudness.apply(console);
            return Watch(*options, console).run();
          }};
}

}  // namespace millrace::cli
