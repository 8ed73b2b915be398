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
                           kNone = R"({"do_normalize":false,"normalises":false})";

// What transformers' image processors do where the config says nothing; "resizing" is of those that do it in
// a way of their own.
struct Processor {
  std::string_view name, colours, defaults;
};
constexpr Processor kProcessors[] = {
    {"BeitImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":224,"width":224},"crop_size":{"height":224,"width":224}})"},
    {"BitImageProcessor", kClip,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})"},
    {"CLIPImageProcessor", kClip,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})"},
    {"ConvNextImageProcessor", kHalves,
     R"({"resample":3,"size":{"shortest_edge":384},"default_to_square":false,
         "crop_pct":0.875,"resizing":"crop_below_384"})"},
    {"DeiTImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":256,"width":256},"do_center_crop":true,"crop_size":{"height":224,"width":224}})"},
    {"EfficientNetImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":346,"width":346},"crop_size":{"height":289,"width":289},"include_top":true})"},
    {"MobileNetV2ImageProcessor", kHalves,
     R"({"resample":2,"size":{"shortest_edge":256},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224}})"},
    {"MobileViTImageProcessor", kNone,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":256,"width":256},"do_flip_channel_order":true})"},
    {"PoolFormerImageProcessor", kImageNet,
     R"({"resample":3,"size":{"shortest_edge":224},"default_to_square":false,
         "do_center_crop":true,"crop_size":{"height":224,"width":224},"crop_pct":0.9,"resizing":"enlarged"})"},
    {"PvtImageProcessor", kImageNet, R"({"resample":3,"size":{"height":224,"width":224}})"},
    {"SegformerImageProcessor", kImageNet, R"({"resample":2,"size":{"height":512,"width":512}})"},
    {"SiglipImageProcessor", kHalves,
     R"({"resample":3,"size":{"height":224,"width":224},"default_to_square":false})"},
    {"ViTImageProcessor", kHalves, R"({"resample":2,"size":{"height":224,"width":224}})"},
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
    options.filter = filter(config_.value("resample", json(2)));
    if (flag("do_resize", true)) read_resize(options);
    // A resizing that cuts has its own size.
    if (flag("do_center_crop", false) && config_.contains("crop_size")) {
      const auto crop = size_of("crop_size", /*square=*/true);
      if (crop.resize != Resize::exact) refuse("crop_size", "needs 'height' and 'width'");
      options.crop = crop.size;
    }
    options.blue_first = flag("do_flip_channel_order", false);
    if (flag("do_rescale", true)) options.factor = real("rescale_factor", 1. / 255);
    options.minus_one = options.factor && flag("rescale_offset", false);
    const bool normalises = config_.value("normalises", true);
    if (normalises && flag("do_normalize", true)) {
      options.mean = colours("image_mean");
      options.deviation = colours("image_std");
    }
    options.divided_twice = flag("include_top", false);
    if (options.divided_twice && !options.deviation) options.deviation = colours("image_std");
    check_keys();
    return options;
  }

  // The transforms with which timm evaluates.
  ImageProcessorOptions of_timm() {
    ImageProcessorOptions options;
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
    json filled = json::parse(processor->defaults);
    filled.update(json::parse(processor->colours));
    const bool normalises = filled.value("normalises", true);
    for (const auto& [own, value] : config_.items())
      if (!value.is_null() || own == "crop_pct") filled[own] = value;
    filled["normalises"] = normalises;
    config_ = std::move(filled);
  }

  bool flag(const std::string& key, bool otherwise) const {
    const auto found = config_.find(key);
    if (found == config_.end() || found->is_null()) return otherwise;
    if (!found->is_boolean()) refuse(key, "true or false was expected");
    return found->get<bool>();
  }

  double real(const std::string& key, double otherwise) const {
    const auto found = config_.find(key);
    if (found == config_.end() || found->is_null()) return otherwise;
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
    Target target = size_of("size", flag("default_to_square", true));
    const std::string resizing = config_.value("resizing", std::string());
    if (resizing == "crop_below_384") {  // ConvNeXT: larger pictures are squeezed instead
      constexpr int64_t kSqueezed = 384;
      if (target.resize != Resize::shortest_edge) refuse("size", "needs 'shortest_edge'");
      const int64_t size = target.size.height;
      if (size < kSqueezed) {
        target.size.height = enlarged(size, crop_part());
        options.crop = Size{size, size};
      } else {
        target.resize = Resize::exact;
      }
    } else if (resizing == "enlarged" &&
               !config_["crop_pct"].is_null()) {  // PoolFormer: before it is cropped
      if (target.resize == Resize::exact && target.size.height == target.size.width)
        target.resize = Resize::shortest_edge;
      target.size = {enlarged(target.size.height, crop_part()), enlarged(target.size.width, crop_part())};
    }
    options.resize = target.resize;
    options.size = target.size;
    options.longest_edge = target.longest;
  }

  // Keys of other steps change the result where they are set.
  void check_keys() const {
    static const std::set<std::string, std::less<>> known = {
        "resample", "size", "default_to_square", "crop_size", "crop_pct", "do_resize", "do_center_crop",
        "do_rescale", "rescale_factor", "rescale_offset", "do_normalize", "image_mean", "image_std",
        "include_top", "do_flip_channel_order", "resizing", "normalises",
        // What these say is of files, other inputs or other results.
        "image_processor_type", "feature_extractor_type", "processor_class", "auto_map", "do_convert_rgb",
        "do_reduce_labels", "reduce_labels", "data_format", "input_data_format", "return_tensors", "device",
        "disable_grouping", "pad_size", "max_size", "_valid_processor_keys", "image_seq_length",
        "default_to_rgb", "format"};
    const std::vector<std::string> names(known.begin(), known.end());
    for (const auto& [key, value] : config_.items()) {
      if (known.contains(key) || value.is_null() || value == false || key.starts_with('_')) continue;
      fail_at(ErrorKind::model, file_, "the key '{}' = {} of the image processor is not understood{}", key,
              value.dump().substr(0, 60), did_you_mean(key, names));
    }
  }

  json config_;
  std::string file_;
};

}  // namespace

ImageProcessorOptions image_processor_options(const json& config, const std::string& file) {
  if (!config.is_object()) fail_at(ErrorKind::model, file, "an object was expected");
  OptionReader reader(config, file);
  return config.contains("input_size") ? reader.of_timm() : reader.of_transformers();
}

}  // namespace millrace
