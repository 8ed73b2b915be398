#include "cli/segment.h"

#include <memory>
#include <optional>

#include "cli/node_options.h"
#include "cli/output_folder.h"
#include "cli/packet_text.h"
#include "cli/picture_files.h"
#include "cli/picture_output.h"
#include "cli/pipeline_run.h"
#include "cli/pipeline_source.h"
#include "cli/shared_options.h"
#include "drawing/png_file.h"
#include "nodes/image_packets.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kClasses = ".classes.png", kDrawn = ".segments.png";

struct Options {
  std::vector<std::string> paths;
  ModelOptions model;
  std::string format = "text", folder, trace;
  NodeSettings values;
  Loudness loudness;
};

// The files of -o, for each input.
class SegmentFiles {
 public:
  SegmentFiles(const std::string& folder, const std::vector<std::string>& inputs)
      : classes_(folder, inputs, kClasses), drawn_(folder, inputs, kDrawn) {}

  void write(const OutputPacket& result) const {
    const std::string input(result.item_name);
    const double seconds = result.packet.seconds();
    if (result.packet.type() == &kPacketType<Image>)
      return write_whole(file_at(drawn_.file_of(input), kDrawn, seconds),
                         encode_png(*result.packet.get<Image>()));
    const auto segments = result.packet.get<Segmentation>();
    write_whole(file_at(classes_.file_of(input), kClasses, seconds),
                encode_png(segments->classes, segments->labels));
  }

 private:
  OutputFolder classes_, drawn_;
};

nlohmann::ordered_json fields_of(const Segmentation& segments, const Packet& packet) {
  return {{"height", segments.classes.height},
          {"width", segments.classes.width},
          {"segments", packet_to_json(packet)}};
}

int segment(const Options& options, Console& console) {
  options.loudness.apply(console);
  const auto files = picture_files(options.paths);
  std::optional<SegmentFiles> written;
  if (!options.folder.empty()) written.emplace(options.folder, files);
  const Registry registry = shipped_nodes();
  auto values = options.values;
  values["model"] = options.model.model;
  std::vector<std::string> outputs = {"segments"};
  if (written) outputs.emplace_back("picture");
  const auto pipeline = checked_pipeline("segment", registry, values, true, outputs);
  PictureOutput told(files, options.format, console.out);
  Sink sink;
  sink.packet = [&](const OutputPacket& result) {
    if (written) written->write(result);
    if (result.packet.type() == &kPacketType<Segmentation>)
      told.result(result, fields_of(*result.packet.get<Segmentation>(), result.packet));
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

Subcommand add_segment_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "segment", "says which part of a picture shows what",
                     "millrace segment --model nvidia/segformer-b0-finetuned-ade-512-512 street.jpg\n"
                     "millrace segment --model ./segformer -o drawn/ holiday/\n"
                     "millrace segment --model ./segformer --every 1 --format json film.mp4");
  const auto options = std::make_shared<Options>();
  app->add_option(
         "IMAGE", options->paths,
         "pictures (JPEG, PNG, WebP, BMP, TIFF), folders of them, or films (AVI, MP4, Matroska, WebM)")
      ->required();
  add_model_options(*app, options->model);
  add_format_option(*app, options->format, {"text", "json"});
  app->add_option("-o,--output", options->folder,
                  "NAME.classes.png (pixels are the labels' indices) and NAME.segments.png (drawn over the "
                  "picture) go there")
      ->type_name("DIR");
  const Registry registry = shipped_nodes();
  add_node_options(*app, {.node = *registry.find("image.read"), .name = "image", .prefix = ""},
                   options->values);
  add_node_options(
      *app,
      {.node = *registry.find("image.segment"), .name = "segments", .prefix = "", .except = {"do_argmax"}},
      options->values);
  add_node_options(*app, {.node = *registry.find("image.draw"), .name = "picture", .prefix = ""},
                   options->values);
  app->add_option("--trace", options->trace, "writes what ran when, for ui.perfetto.dev")->type_name("FILE");
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return segment(*options, console); }};
}

}  // namespace millrace::cli
