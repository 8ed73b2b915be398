#include "cli/detect.h"

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

constexpr std::string_view kDrawn = ".boxes.png";

int detect(const PictureOptions& options, Console& console) {
  options.loudness.apply(console);
  const auto files = picture_files(options.paths);
  PictureRun run{.name = "detect",
                 .found = "objects",
                 .files = files,
                 .fields = [](const Packet& packet) -> nlohmann::ordered_json {
                   return {{"objects", packet_to_json(packet)}};
                 },
                 .write = {}};
  std::optional<OutputFolder> folder;
  if (!options.folder.empty()) {
    folder.emplace(options.folder, files, kDrawn);
    run.write = [&](const OutputPacket& result) {
      if (result.packet.type() == &kPacketType<Image>)
        write_whole(file_at(folder->file_of(std::string(result.item_name)), kDrawn, result.packet.seconds()),
                    encode_png(*result.packet.get<Image>()));
    };
  }
  return run_pictures(run, options, console);
}

}  // namespace

Subcommand add_detect_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "detect", "finds things on pictures, and says where they are",
                     "millrace detect --model facebook/detr-resnet-50 street.jpg\n"
                     "millrace detect --model hustvl/yolos-tiny --threshold 0.5 -o drawn/ holiday/\n"
                     "millrace detect --model ./detr --every 1 --format json film.mp4");
  const auto options = std::make_shared<PictureOptions>();
  add_picture_options(*app, *options, "NAME.boxes.png (the picture with the boxes) goes there");
  add_node_options(*app, {.node = *shipped_nodes().find("image.detect"), .name = "objects", .prefix = ""},
                   options->values);
  return {app, [options](Console& console) { return detect(*options, console); }};
}

}  // namespace millrace::cli
