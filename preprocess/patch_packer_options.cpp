#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "preprocess/patch_packer.h"
#include "preprocess/processor_file.h"

namespace millrace {
namespace {

using json = nlohmann::json;

struct Processor {
  std::string_view name;
  bool line_order;  // and pictures are no smaller than a square
  const char* defaults;
};
constexpr Processor kProcessors[] = {
    {"Qwen2VLImageProcessor", false,
     R"({"resample":3,"patch_size":14,"merge_size":2,"temporal_patch_size":2,
         "image_mean":[0.48145466,0.4578275,0.40821073],"image_std":[0.26862954,0.26130258,0.27577711],
         "size":{"shortest_edge":3136,"longest_edge":1003520}})"},
    {"PaddleOCRVLImageProcessor", true,
     R"({"resample":3,"patch_size":14,"merge_size":2,"temporal_patch_size":1,
         "image_mean":[0.48145466,0.4578275,0.40821073],"image_std":[0.26862954,0.26130258,0.27577711],
         "size":{"shortest_edge":147456,"longest_edge":2359296}})"},
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

class PackerReader {
 public:
  PackerReader(const json& config, const Processor& processor, std::string file)
      : config_(json::parse(processor.defaults)), file_(std::move(file)), line_order_(processor.line_order) {
    // Sizes that are null are not given; what else is null is not done.
    for (const auto& [key, value] : config.items())
      if (!value.is_null() || (key != "size" && !key.ends_with("_pixels"))) config_[key] = value;
  }

  PatchPackerOptions read() {
    constexpr int64_t kLargestPatch = 1 << 10, kMostFrames = 64;
    PatchPackerOptions options{.picture = {}, .line_order = line_order_};
    options.patch_size = number(config_, "patch_size", kLargestPatch);
    options.merge = number(config_, "merge_size", kLargestPatch);
    options.frames = number(config_, "temporal_patch_size", kMostFrames);
    const auto [least, most] = pixels();
    for (const char* key : {"patch_size", "merge_size", "temporal_patch_size", "min_pixels", "max_pixels",
                            "size", "do_center_crop"})
      config_.erase(key);
    // What is left goes by the rules of the plain processors, and so does whether it is resized.
    config_["image_processor_type"] = "CLIPImageProcessor";
    config_["do_center_crop"] = false;
    options.picture = image_processor_options(config_, file_);
    options.picture.crop.reset();
    if (options.picture.resize == ImageProcessorOptions::Resize::none) return options;
    options.picture.resize = ImageProcessorOptions::Resize::area;
    options.picture.multiple = options.patch_size * options.merge;
    options.picture.least_pixels = least;
    options.picture.most_pixels = most;
    options.picture.at_least_multiple = line_order_;
    return options;
  }

 private:
  int64_t number(const json& object, const std::string& key, int64_t most) const {
    const json value = object.value(key, json());
    if (!value.is_number_integer() || value < 1 || value > most)
      fail_at(ErrorKind::model, file_, "'{}' = {}: a number from 1 to {} was expected", key,
              value.dump().substr(0, 60), most);
    return value.get<int64_t>();
  }

  // Under the old names they count more.
  std::pair<int64_t, int64_t> pixels() const {
    constexpr int64_t kMost = int64_t{1} << 40;
    const json& size = config_["size"];
    if (!size.is_object()) fail_at(ErrorKind::model, file_, "'size': an object was expected");
    const auto read = [&](const char* old, const char* name) {
      return config_.contains(old) ? number(config_, old, kMost) : number(size, name, kMost);
    };
    return {read("min_pixels", "shortest_edge"), read("max_pixels", "longest_edge")};
  }

  json config_;
  std::string file_;
  bool line_order_;
};

}  // namespace

std::optional<PatchPackerOptions> patch_packer_options(const json& config, const std::string& file) {
  if (!config.is_object()) return std::nullopt;
  const Processor* processor = processor_of(config);
  if (processor == nullptr) return std::nullopt;
  return PackerReader(config, *processor, file).read();
}

std::optional<PatchPackerOptions> read_patch_packer(const std::filesystem::path& folder) {
  const auto part = read_processor_part(folder, {"image_processor"});
  return part ? patch_packer_options(part->config, part->file) : std::nullopt;
}

}  // namespace millrace
