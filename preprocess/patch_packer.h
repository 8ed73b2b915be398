#pragma once
#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "preprocess/image_processor.h"

namespace millrace {

// What becomes of a picture before a model sees it that takes pictures of any size as patches.
struct PatchPackerOptions {
  ImageProcessorOptions picture;
  int64_t patch_size = 14;
  int64_t merge = 2;        // squares of so many patches along an edge become one later
  int64_t frames = 2;       // that a patch holds: the picture so often
  bool line_order = false;  // patches line by line, and each a picture; else square by square, each one list
};

struct PackedPicture {
  Tensor pixel_values;            // [patches, 3 * frames * patch_size * patch_size] float32, or in line order
                                  // [patches, 3 * frames, patch_size, patch_size]
  std::array<int64_t, 3> grid{};  // 1, rows and columns of patches
};

// As transformers' image processors of Qwen2-VL and PaddleOCR-VL do it with the backend "pil". Immutable.
// Errors are those of ImageProcessor, and Error(input) for a picture that its own size does not let divide
// into squares.
class PatchPacker {
 public:
  explicit PatchPacker(const PatchPackerOptions& options);

  PackedPicture operator()(const Image& image) const;

 private:
  PatchPackerOptions options_;
  ImageProcessor picture_;
};

// From what preprocessor_config.json (or processor_config.json) of a model folder says; none where there is
// no such file or it is of a processor that packs nothing. Errors are those of image_processor_options.
std::optional<PatchPackerOptions> read_patch_packer(const std::filesystem::path& folder);
std::optional<PatchPackerOptions> patch_packer_options(const nlohmann::json& config, const std::string& file);

}  // namespace millrace
