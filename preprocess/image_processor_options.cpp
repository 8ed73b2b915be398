#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/suggest.h"
#include "preprocess/image_processor.h"

namespace millrace {
namespace {

using nlohmann::json;
using Resize = ImageProcessorOptions::Resize;
using Size = ImageProcessorOptions::Size;

constexpr int64_t kLargestEdge = 16384;

// The means and deviations of colours that models were trained with.
constexpr std::string_view kHalves = R"({"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]})",
                           kImageNet =
                               R"({"image_mean":[0.485,0.456,0.406],"image_std":[0.229,0.224,0.225]})",
                           kClip = R"({"image_mean":[0.48145466,0.4578275,0.40821073],
                                       "image_std":[0.26862954,0.26130258,0.27577711]})",
                           kNone = "{}";

// What transformers' image processors do where the config says nothing: `defaults` of the config's keys, and
// `ways` that are the processor's own and not for a config to say. Keys that a processor has no default for
// here are of no concern to it, but for those that all have.
struct Processor {
  std::string_view name, colours, defaults, ways = "{}";
};
constexpr std::string_view kPads = R"({"padding":"size"})";
constexpr Processor kProcessors[] = {
    {"BeitImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":224,"width":224},"crop_size":{"height":224,"width":224}})"},
    {"BitImageProcessor", kClip,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})",
     kPads},
    {"CLIPImageProcessor", kClip,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})",
     kPads},
    {"ConvNextImageProcessor", kHalves,
     R"({"resample":3,"size":{"shortest_edge":384},"default_to_square":false,"crop_pct":0.875})",
     R"({"resizing":"crop_below_384"})"},
    {"DPTImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":384,"width":384},"do_pad":false,
         "keep_aspect_ratio":false,"ensure_multiple_of":1})",
     R"({"resizing":"multiples","padding":"multiples","crops":false})"},
    {"DeiTImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":256,"width":256},"do_center_crop":true,"crop_size":{"height":224,"width":224}})",
     kPads},
    {"DetrImageProcessor", kImageNet,
     R"({"resample":2,"size":{"shortest_edge":800,"longest_edge":1333},"default_to_square":false,"max_size":1333})",
     R"({"resizing":"edges","padding":"mask","crops":false})"},
    {"EfficientNetImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":346,"width":346},"crop_size":{"height":289,"width":289},
         "include_top":true,"rescale_offset":false})"},
    {"LlavaImageProcessor", kClip,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})",
     R"({"padding":"square"})"},
    {"MobileNetV2ImageProcessor", kHalves,
     R"({"resample":2,"size":{"shortest_edge":256},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})"},
    {"MobileViTImageProcessor", kNone,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":256,"width":256},"do_flip_channel_order":true})",
     R"({"normalises":false})"},
    {"PoolFormerImageProcessor", kImageNet,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224},"crop_pct":0.9})",
     R"({"resizing":"enlarged","padding":"size"})"},
    {"PvtImageProcessor", kImageNet, R"({"resample":3,"size":{"height":224,"width":224}})", kPads},
    {"SegformerImageProcessor", kImageNet, R"({"resample":2,"size":{"height":512,"width":512}})",
     R"({"crops":false})"},
    {"SiglipImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":224,"width":224},"default_to_square":false})", kPads},
    {"ViTImageProcessor", kHalves, R"({"resample":2,"size":{"height":224,"width":224}})", kPads},
    {"YolosImageProcessor", kImageNet,
     R"({"resample":2,"size":{"shortest_edge":800,"longest_edge":1333},"default_to_square":false,"max_size":1333})",
     R"({"resizing":"edges_in_sixteens","padding":"mask","crops":false})"},
};
constexpr std::string_view kPlain = "ViTImageProcessor";  // of configs that name none

// Old names of feature extractors, and those with the name of their backend, stand for the processors.
std::string processor_name(std::string name) {
  for (const std::string_view suffix : {"Fast", "Pil"})
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  constexpr std::string_view kOld = "FeatureExtractor";
  if (name.ends_with(kOld)) name = name.substr(0, name.size() - kOld.size()) + "ImageProcessor";
  return name;
}

class OptionReader {
 public:
  OptionReader(json config, std::string file) : config_(std::move(config)), file_(std::move(file)) {}

  ImageProcessorOptions of_transformers() {
    fill_in_defaults();
    ImageProcessorOptions options;
    if (flag("do_resize", true)) read_resize(options);
    if (flag("do_center_crop", false) && ways_.value("crops", true)) {
      const auto crop = size_of("crop_size", /*square=*/true);
      if (crop.resize != Resize::exact) refuse("crop_size", "needs 'height' and 'width'");
      if (options.crop) refuse("do_center_crop", "its resizing crops, too; both is not supported");
      options.crop = crop.size;
    }
    options.blue_first = own_flag("do_flip_channel_order");
    if (flag("do_rescale", true)) options.factor = real("rescale_factor", 1. / 255);
    options.minus_one = options.factor && own_flag("rescale_offset");
    if (ways_.value("normalises", true) && flag("do_normalize", true)) {
      options.mean = colours("image_mean");
      options.deviation = colours("image_std");
    }
    options.divided_twice = own_flag("include_top");
    if (options.divided_twice && !options.deviation) options.deviation = colours("image_std");
    read_padding(options);
    check_keys();
    return options;
  }

  // The transforms with which timm evaluates.
  ImageProcessorOptions of_timm() {
    ImageProcessorOptions options;
    for (auto it = config_.begin(); it != config_.end();)
      it = it->is_null() ? config_.erase(it) : std::next(it);
    const json& input = need("input_size");
    if (!input.is_array() || input.size() != 3) refuse("input_size", "needs [channels, height, width]");
    const Size size = {edge("input_size", input[1]), edge("input_size", input[2])};
    const double part = real("crop_pct", 0.875);
    const std::string mode = config_.value("crop_mode", std::string("center"));
    options.filter = filter_named(config_.value("interpolation", std::string("bilinear")));
    options.divisor = 255;
    options.mean = colours("mean");
    options.deviation = colours("std");
    if (mode == "squash") {
      options.resize = Resize::exact;
      options.size = {enlarged(size.height, part), enlarged(size.width, part)};
    } else if (mode == "center" && size.height == size.width) {
      options.resize = Resize::shortest_edge;
      options.size = {enlarged(size.height, part), enlarged(size.width, part)};
    } else {
      refuse("crop_mode", "'center' of squares and 'squash' are supported");
    }
    options.crop = size;
    options.rounded_middle = true;
    return options;
  }

 private:
  [[noreturn]] void refuse(std::string_view key, std::string_view why) const {
    fail_at(ErrorKind::model, file_, "'{}' = {}: {}", key,
            config_.contains(key) ? config_[std::string(key)].dump().substr(0, 60) : "nothing", why);
  }

  const json& need(const std::string& key) const {
    if (!config_.contains(key)) fail_at(ErrorKind::model, file_, "has no '{}'", key);
    return config_[key];
  }

  // Those of the processor that the config names; without a name it is a plain one.
  void fill_in_defaults() {
    std::string key, name(kPlain);
    for (const auto* naming : {"feature_extractor_type", "image_processor_type"})
      if (config_.contains(naming) && config_[naming].is_string())
        key = naming, name = processor_name(config_[naming]);
    const auto* processor = std::ranges::find(kProcessors, name, &Processor::name);
    if (processor == std::end(kProcessors)) {
      std::vector<std::string> known;
      for (const auto& one : kProcessors) known.emplace_back(one.name);
      fail_at(ErrorKind::model, file_, "'{}': the image processor '{}' is not known{}; there are {}", key,
              name, did_you_mean(name, known), fmt::join(known, ", "));
    }
    defaults_ = json::parse(processor->defaults);
    defaults_.update(json::parse(processor->colours));
    ways_ = json::parse(processor->ways);
    json filled = defaults_;
    filled.update(config_);  // its nulls, too: what is null is not done
    config_ = std::move(filled);
  }

  // False where it is null. Of a step that not all processors know.
  bool own_flag(const std::string& key) const { return defaults_.contains(key) && flag(key, false); }

  bool flag(const std::string& key, bool otherwise) const {
    const auto found = config_.find(key);
    if (found == config_.end()) return otherwise;
    if (found->is_null()) return false;
    if (!found->is_boolean()) refuse(key, "true or false was expected");
    return found->get<bool>();
  }

  double real(const std::string& key, double otherwise) const {
    const auto found = config_.find(key);
    if (found == config_.end()) return otherwise;
    if (!found->is_number() || !std::isfinite(found->get<double>())) refuse(key, "a number was expected");
    return found->get<double>();
  }

  int64_t edge(const std::string& key, const json& value) const {
    if (!value.is_number_integer() || value < 1 || value > kLargestEdge)
      refuse(key, fmt::format("edges are from 1 to {}", kLargestEdge));
    return value.get<int64_t>();
  }

  ImageFilter filter(const json& code) const {
    if (!code.is_number_integer() || code < 0 || code > 5) refuse("resample", "Pillow's filters are 0 to 5");
    return static_cast<ImageFilter>(code.get<int>());
  }

  ImageFilter filter_named(const std::string& name) const {
    constexpr std::pair<std::string_view, ImageFilter> kNames[] = {
        {"nearest", ImageFilter::nearest}, {"bilinear", ImageFilter::bilinear},
        {"bicubic", ImageFilter::bicubic}, {"box", ImageFilter::box},
        {"hamming", ImageFilter::hamming}, {"lanczos", ImageFilter::lanczos}};
    for (const auto& [known, filter] : kNames)
      if (known == name) return filter;
    refuse("interpolation", "there are nearest, bilinear, bicubic, box, hamming, lanczos");
  }

  std::array<float, 3> colours(const std::string& key) const {
    const json& value = need(key);
    std::array<float, 3> result{};
    for (size_t i = 0; i < result.size(); ++i) {
      const json& one = value.is_array() && value.size() == result.size() ? value[i] : value;
      if (!one.is_number()) refuse(key, "a number, or one for each of three colours was expected");
      result[i] = one.get<float>();
    }
    return result;
  }

  // The mean colour, rounded down.
  std::array<uint8_t, 3> mean_levels() const {
    std::array<uint8_t, 3> levels{};
    if (!config_.contains("image_mean") || config_["image_mean"].is_null()) return levels;
    const json& mean = config_["image_mean"];
    for (size_t i = 0; i < levels.size(); ++i) {
      const json& one = mean.is_array() && mean.size() == levels.size() ? mean[i] : mean;
      if (!one.is_number() || one < 0 || one > 1) refuse("image_mean", "colours from 0 to 1 were expected");
      levels[i] = static_cast<uint8_t>(one.get<double>() * 255);
    }
    return levels;
  }

  struct Target {
    Resize resize = Resize::none;
    Size size;
    int64_t longest = 0;
  };

  // A number, [height, width], or an object of transformers' keys.
  Target size_of(const std::string& key, bool square) const {
    const json& value = need(key);
    if (value.is_number()) {
      const int64_t size = edge(key, value);
      return {square ? Resize::exact : Resize::shortest_edge, {size, size}};
    }
    if (value.is_array() && value.size() == 2)
      return {Resize::exact, {edge(key, value[0]), edge(key, value[1])}};
    if (!value.is_object()) refuse(key, "a number, [height, width] or an object was expected");
    const auto has = [&](const char* name) { return value.contains(name) && !value[name].is_null(); };
    if (has("shortest_edge") && has("longest_edge"))
      return {Resize::edges,
              {edge(key, value["shortest_edge"]), edge(key, value["shortest_edge"])},
              edge(key, value["longest_edge"])};
    if (has("shortest_edge"))
      return {Resize::shortest_edge, {edge(key, value["shortest_edge"]), edge(key, value["shortest_edge"])}};
    if (has("max_height") && has("max_width"))
      return {Resize::within, {edge(key, value["max_height"]), edge(key, value["max_width"])}};
    if (has("height") && has("width"))
      return {Resize::exact, {edge(key, value["height"]), edge(key, value["width"])}};
    refuse(key, "needs 'height' and 'width', 'max_height' and 'max_width', or 'shortest_edge'");
  }

  static int64_t enlarged(int64_t size, double part) {
    return static_cast<int64_t>(static_cast<double>(size) / part);
  }

  double crop_part() const {
    const double part = real("crop_pct", 0);
    if (!(part > 0 && part <= 100)) refuse("crop_pct", "a part of the picture was expected");
    return part;
  }

  void read_resize(ImageProcessorOptions& options) {
    options.filter = filter(need("resample"));
    const std::string resizing = ways_.value("resizing", std::string());
    const bool by_edges = resizing == "edges" || resizing == "edges_in_sixteens";
    Target target = size_of("size", !by_edges && flag("default_to_square", true));
    const bool enlarges = resizing == "enlarged" && !config_["crop_pct"].is_null();
    if ((enlarges || resizing == "crop_below_384") && target.resize == Resize::edges)
      target.resize = Resize::shortest_edge;  // they look at no other edge
    if (resizing == "crop_below_384") {       // ConvNeXT: larger pictures are squeezed instead
      constexpr int64_t kSqueezed = 384;
      if (target.resize != Resize::shortest_edge) refuse("size", "needs 'shortest_edge'");
      const int64_t size = target.size.height;
      if (size < kSqueezed) {
        target.size.height = enlarged(size, crop_part());
        options.crop = Size{size, size};
      } else {
        target.resize = Resize::exact;
      }
    } else if (enlarges) {  // PoolFormer: before it is cropped
      if (target.resize == Resize::within) refuse("size", "needs 'height' and 'width', or 'shortest_edge'");
      if (target.resize == Resize::exact && target.size.height == target.size.width)
        target.resize = Resize::shortest_edge;
      target.size = {enlarged(target.size.height, crop_part()), enlarged(target.size.width, crop_part())};
    } else if (resizing == "multiples") {  // DPT
      if (target.resize != Resize::exact) refuse("size", "needs 'height' and 'width'");
      target.resize = Resize::multiples;
      options.multiple = edge("ensure_multiple_of", need("ensure_multiple_of"));
      options.keep_shape = flag("keep_aspect_ratio", false);
    } else if (by_edges) {  // DETR, YOLOS
      if (target.resize == Resize::shortest_edge && need("size").is_number()) {
        target.resize = Resize::edges;
        target.longest = edge("max_size", need("max_size"));
      }
      if (target.resize == Resize::shortest_edge) refuse("size", "needs 'longest_edge', too");
      if (target.resize == Resize::edges && resizing == "edges_in_sixteens")
        target.resize = Resize::edges_in_sixteens;
    }
    options.resize = target.resize;
    options.size = target.size;
    options.longest_edge = target.longest;
  }

  void read_padding(ImageProcessorOptions& options) const {
    const std::string padding = ways_.value("padding", std::string());
    if (padding.empty()) return;
    bool pads = flag("do_pad", false);
    if (padding == "mask") {
      // Where do_pad is not said, its old name counts.
      options.mask = pads = flag("do_pad", flag("pad_and_return_pixel_mask", true));
    }
    if (!pads) return;
    if (padding == "square") options.square = mean_levels();
    const auto said = [&](const char* key) { return config_.contains(key) && !config_[key].is_null(); };
    if (padding == "multiples") {
      if (said("size_divisor")) options.pad_multiple = edge("size_divisor", config_["size_divisor"]);
    } else if (padding != "square" && said("pad_size")) {
      const Target target = size_of("pad_size", /*square=*/true);
      if (target.resize != Resize::exact) refuse("pad_size", "needs 'height' and 'width'");
      options.pad = target.size;
    }
  }

  // Keys of other steps change the result where they are set.
  void check_keys() const {
    static const std::set<std::string, std::less<>> known = {
        "resample", "size", "default_to_square", "crop_size", "crop_pct", "do_resize", "do_center_crop",
        "do_rescale", "rescale_factor", "rescale_offset", "do_normalize", "image_mean", "image_std",
        "include_top", "do_flip_channel_order", "do_pad", "pad_size", "pad_and_return_pixel_mask",
        "size_divisor", "keep_aspect_ratio", "ensure_multiple_of", "max_size",
        // What these say is of files, other inputs or other results.
        "image_processor_type", "feature_extractor_type", "processor_class", "auto_map", "do_convert_rgb",
        "do_reduce_labels", "reduce_labels", "data_format", "input_data_format", "return_tensors", "device",
        "disable_grouping", "do_convert_annotations", "return_segmentation_masks", "masks_path",
        "_valid_processor_keys", "image_seq_length", "default_to_rgb", "format"};
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [key, value] : config_.items()) {
      if (known.contains(key) || value.is_null() || value == false || key.starts_with('_')) continue;
      fail_at(ErrorKind::model, file_, "the key '{}' = {} of the image processor is not understood{}", key,
              value.dump().substr(0, 60), did_you_mean(key, names));
    }
  }

  json config_;
  json defaults_, ways_;  // of the processor
  std::string file_;
};

}  // namespace

ImageProcessorOptions image_processor_options(const json& config, const std::string& file) {
  if (!config.is_object()) fail_at(ErrorKind::model, file, "an object was expected");
  OptionReader reader(config, file);
  return config.contains("input_size") ? reader.of_timm() : reader.of_transformers();
}

}  // namespace millrace
