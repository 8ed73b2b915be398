#include "cli/segment.h"

#include <memory>
#include <optional>

#include "cli/output_folder.h"
#include "cli/packet_text.h"
#include "cli/picture_files.h"
#include "cli/picture_output.h"
#include "cli/picture_run.h"
#include "drawing/png_file.h"
#include "nodes/image_packets.h"
#include "nodes/register.h"

namespace millrace::cli {
namespace {

constexpr std::string_view kClasses = ".classes.png", kDrawn = ".segments.png";

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

nlohmann::ordered_json fields_of(const Packet& packet) {
  const ClassMap& classes = packet.get<Segmentation>()->classes;
  return {{"height", classes.height}, {"width", classes.width}, {"segments", packet_to_json(packet)}};
}

int segment(const PictureOptions& options, Console& console) {
  options.loudness.apply(console);
  const auto files = picture_files(options.paths);
  PictureRun run{.name = "segment", .found = "segments", .files = files, .fields = fields_of, .write = {}};
  std::optional<SegmentFiles> written;
  if (!options.folder.empty()) {
    written.emplace(options.folder, files);
    run.write = [&](const OutputPacket& result) { written->write(result); };
  }
  return run_pictures(run, options, console);
}

}  // namespace

Subcommand add_segment_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "segment", "says which part of a picture shows what",
                     "millrace segment --model nvidia/segformer-b0-finetuned-ade-512-512 street.jpg\n"
                     "millrace segment --model ./segformer -o drawn/ holiday/\n"
                     "millrace segment --model ./segformer --every 1 --format json film.mp4");
  const auto options = std::make_shared<PictureOptions>();
  add_picture_options(
      *app, *options,
      "NAME.classes.png (its levels are the labels' indices) and NAME.segments.png (drawn over "
      "the picture) go there");
  const Registry registry = shipped_nodes();
  add_node_options(
      *app,
      {.node = *registry.find("image.segment"), .name = "segments", .prefix = "", .except = {"do_argmax"}},
      options->values);
  add_node_options(*app, {.node = *registry.find("image.draw"), .name = "picture", .prefix = ""},
                   options->values);
  return {app, [options](Console& console) { return segment(*options, console); }};
}

}  // namespace millrace::cli
