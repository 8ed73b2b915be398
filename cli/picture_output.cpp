#include "cli/picture_output.h"

#include <fmt/ranges.h>

#include <cmath>

#include "base/atomic_file.h"
#include "cli/packet_text.h"

namespace millrace::cli {

using Json = nlohmann::ordered_json;

void PictureOutput::result(const OutputPacket& result, const Json& fields) {
  const std::string file(result.item_name);
  const double seconds = result.packet.seconds();
  if (json_) return write_json(file, seconds, fields);
  write_header(result.item, file);
  const auto lines = packet_lines(result.packet);
  if (std::isnan(seconds))
    for (const std::string& line : lines) out_.line(line);
  else
    out_.line(fmt::format("{:9.3f} s{}{}", seconds, lines.empty() ? "" : "  ", fmt::join(lines, ", ")));
}

void PictureOutput::finished(const FinishedItem& item) {
  if (!item.error) return;
  if (json_)
    write_json(item.name, kNoTime, {{"error", item.error->what()}});
  else
    write_header(item.item, item.name);
}

void PictureOutput::write_header(size_t item, const std::string& file) {
  if (files_.size() < 2 || headers_ > item) return;
  headers_ = item + 1;
  out_.line("== " + file + " ==");
}

void PictureOutput::write_json(const std::string& file, double seconds, const Json& fields) {
  Json line = {{"file", file}};
  if (!std::isnan(seconds)) line["time"] = std::round(seconds * 1e3) / 1e3;
  line.update(fields);
  out_.line(line.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::filesystem::path file_at(const std::filesystem::path& file, std::string_view ending, double seconds) {
  if (std::isnan(seconds)) return file;
  const std::string name = file.filename().string();
  return file.parent_path() /
         fmt::format("{}.{:09.3f}{}", name.substr(0, name.size() - ending.size()), seconds, ending);
}

void write_whole(const std::filesystem::path& file, std::string_view bytes) {
  AtomicFile written(file);
  written.write(bytes);
  written.commit();
}

}  // namespace millrace::cli
