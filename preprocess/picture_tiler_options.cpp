#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "preprocess/picture_tiler.h"
#include "preprocess/processor_file.h"

namespace millrace {
namespace {

using json = nlohmann::json;
using Way = PictureTilerOptions::Way;
using Size = PictureTilerOptions::Size;

constexpr int64_t kLargestEdge = 1 << 14;

struct Processor {
  std::string_view name;
  Way way;
  const char* defaults;
};

constexpr const char* kGrid =
    R"({"resample":1,"size":{"longest_edge":1456},"max_image_size":{"longest_edge":364},"do_pad":true,
        "image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]})";
constexpr std::string_view kOneVision = "LlavaOnevisionImageProcessor";
constexpr Processor kProcessors[] = {
    {"Gemma3ImageProcessor", Way::strip,
     R"({"resample":2,"size":{"height":224,"width":224},"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]})"},
    {"GotOcr2ImageProcessor", Way::canvas,
     R"({"resample":3,"size":{"height":384,"width":384},"image_mean":[0.48145466,0.4578275,0.40821073],
         "image_std":[0.26862954,0.26130258,0.27577711]})"},
    {"Idefics3ImageProcessor", Way::grid, kGrid},
    {"SmolVLMImageProcessor", Way::grid, kGrid},
    {kOneVision, Way::shapes,
     R"({"resample":3,"size":{"height":384,"width":384},"default_to_square":false,
         "image_mean":[0.48145466,0.4578275,0.40821073],"image_std":[0.26862954,0.26130258,0.27577711]})"},
    {"LlavaNextImageProcessor", Way::shapes,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,"do_center_crop":true,
         "crop_size":{"height":224,"width":224},"image_mean":[0.48145466,0.4578275,0.40821073],
         "image_std":[0.26862954,0.26130258,0.27577711],
         "image_grid_pinpoints":[[336,672],[672,336],[672,672],[1008,336],[336,1008]]})"},
};

const Processor* processor_of(const json& config) {
  const auto named = config.find("image_processor_type");
  if (named == config.end() || !named->is_string()) return nullptr;
  auto name = named->get<std::string>();
  for (const std::string_view suffix : {"Fast", "Pil"})
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  const auto* found = std::ranges::find(kProcessors, name, &Processor::name);
  return found == std::end(kProcessors) ? nullptr : found;
}

// [height, width] of all grids of up to `most` tiles along an edge.
json square_grids(int64_t most, int64_t edge) {
  json grids = json::array();
  for (int64_t rows = 1; rows <= most; ++rows)
    for (int64_t columns = 1; columns <= most; ++columns) grids.push_back({rows * edge, columns * edge});
  return grids;
}

class TilerReader {
 public:
  TilerReader(const json& config, const Processor& processor, std::string file)
      : config_(json::parse(processor.defaults)), name_(processor.name), file_(std::move(file)) {
    config_.update(config);
  }

  PictureTilerOptions grid() {
    PictureTilerOptions options{.way = Way::grid};
    options.filter = filter();
    if (flag("do_resize", true)) options.longest_edge = edge_in("size", "longest_edge");
    options.edge = edge_in("max_image_size", "longest_edge");
    options.splits = flag("do_image_splitting", true);
    options.mask = flag("do_pad", true);
    for (const char* key :
         {"size", "max_image_size", "do_image_splitting", "do_pad", "return_row_col_info", "video_sampling"})
      config_.erase(key);
    config_["do_resize"] = false;
    options.tile = tile();
    return options;
  }

  PictureTilerOptions shapes() {
    PictureTilerOptions options{.way = Way::shapes};
    options.filter = filter();
    options.tells_number = name_ == kOneVision;
    if (options.tells_number) config_.emplace("image_grid_pinpoints", square_grids(6, 384));
    options.shapes = sizes("image_grid_pinpoints");
    options.whole = whole_size();
    const bool crops = config_.contains("crop_size") && !config_["crop_size"].is_null();
    options.edge = crops ? size_in("crop_size").height : options.whole.height;
    for (const char* key : {"aspect_ratio_setting", "image_grid_pinpoints", "do_pad"}) config_.erase(key);
    options.tile = tile();
    return options;
  }

  PictureTilerOptions canvas() {
    PictureTilerOptions options{.way = Way::canvas};
    options.filter = filter();
    options.whole = size_in("size");
    options.tiles = {.least = tile_count("min_patches", 1), .most = tile_count("max_patches", 12)};
    options.splits = flag("crop_to_patches", false) && options.tiles.most > 1;
    options.resizes = flag("do_resize", true);
    for (const char* key : {"size", "min_patches", "max_patches", "crop_to_patches"}) config_.erase(key);
    config_["do_resize"] = false;
    options.tile = tile();
    return options;
  }

  PictureTilerOptions strip() {
    PictureTilerOptions options{.way = Way::strip};
    if (flag("do_pan_and_scan", false)) {
      options.most_parts = count("pan_and_scan_max_num_crops", 4);
      options.least_edge = count("pan_and_scan_min_crop_size", 256);
      options.least_ratio = real("pan_and_scan_min_ratio_to_activate", 1.2);
    }
    for (const char* key : {"do_pan_and_scan", "pan_and_scan_max_num_crops", "pan_and_scan_min_crop_size",
                            "pan_and_scan_min_ratio_to_activate"})
      config_.erase(key);
    options.tile = tile();
    return options;
  }

 private:
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const {
    fail_at(ErrorKind::model, file_, "'{}' = {}: {}", key, config_.value(key, json()).dump().substr(0, 60),
            why);
  }

  // What is left goes by the rules of the plain processors.
  ImageProcessorOptions tile() {
    config_["image_processor_type"] = "CLIPImageProcessor";
    config_.emplace("do_center_crop", false);
    return image_processor_options(config_, file_);
  }

  bool flag(const std::string& key, bool otherwise) const {
    const auto found = config_.find(key);
    if (found == config_.end() || found->is_null()) return otherwise && found == config_.end();
    if (!found->is_boolean()) refuse(key, "true or false was expected");
    return found->get<bool>();
  }

  // Of keys that may be null, which the processor with the tokenizer then fills in.
  int64_t count(const std::string& key, int64_t otherwise) const {
    const json value = config_.value(key, json());
    return value.is_null() ? otherwise : edge(key, value);
  }
  int64_t tile_count(const std::string& key, int64_t otherwise) const {
    constexpr int64_t kMost = 1024;
    const int64_t number = count(key, otherwise);
    if (number > kMost) refuse(key, fmt::format("pictures are cut into at most {} tiles", kMost));
    return number;
  }
  double real(const std::string& key, double otherwise) const {
    const json value = config_.value(key, json());
    if (value.is_null()) return otherwise;
    if (!value.is_number()) refuse(key, "a number was expected");
    return value.get<double>();
  }

  ImageFilter filter() const {
    const json& code = config_["resample"];
    if (!code.is_number_integer() || code < 0 || code > 5) refuse("resample", "Pillow's filters are 0 to 5");
    return static_cast<ImageFilter>(code.get<int>());
  }

  int64_t edge(const std::string& key, const json& value) const {
    if (!value.is_number_integer() || value < 1 || value > kLargestEdge)
      refuse(key, fmt::format("edges are from 1 to {}", kLargestEdge));
    return value.get<int64_t>();
  }

  int64_t edge_in(const std::string& key, const char* name) const {
    const json& value = config_[key];
    if (!value.is_object() || !value.contains(name)) refuse(key, fmt::format("needs '{}'", name));
    return edge(key, value[name]);
  }

  Size size_in(const std::string& key) const {
    const json& value = config_[key];
    if (value.is_number()) return {edge(key, value), edge(key, value)};
    return {edge_in(key, "height"), edge_in(key, "width")};
  }

  Size whole_size() const {
    const json& value = config_["size"];
    if (!value.is_object() || !value.contains("shortest_edge")) return size_in("size");
    const int64_t shortest = edge_in("size", "shortest_edge");
    return {shortest, shortest};
  }

  std::vector<HeightWidth> sizes(const std::string& key) const {
    std::vector<HeightWidth> result;
    const json& list = config_[key];
    if (!list.is_array() || list.empty()) refuse(key, "a list of [height, width] was expected");
    for (const auto& one : list) {
      if (!one.is_array() || one.size() != 2) refuse(key, "a list of [height, width] was expected");
      result.push_back({edge(key, one[0]), edge(key, one[1])});
    }
    return result;
  }

  json config_;
  std::string_view name_;
  std::string file_;
};

}  // namespace

std::optional<PictureTilerOptions> picture_tiler_options(const json& config, const std::string& file) {
  if (!config.is_object()) return std::nullopt;
  const Processor* processor = processor_of(config);
  if (processor == nullptr) return std::nullopt;
  TilerReader reader(config, *processor, file);
  switch (processor->way) {
    case Way::grid:
      return reader.grid();
    case Way::shapes:
      return reader.shapes();
    case Way::canvas:
      return reader.canvas();
    case Way::strip:
      return reader.strip();
  }
  return std::nullopt;
}

std::optional<PictureTilerOptions> read_picture_tiler(const std::filesystem::path& folder) {
  const auto part = read_processor_part(folder, {"image_processor"});
  return part ? picture_tiler_options(part->config, part->file) : std::nullopt;
}

}  // namespace millrace
