#pragma once
#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "base/tensor.h"
#include "preprocess/image_resize.h"

namespace millrace {

// What becomes of a picture before a model sees it: resized, cut out of its middle, levels to numbers.
struct ImageProcessorOptions {
  struct Size {
    int64_t height = 0, width = 0;
  };
  enum class Resize {
    none,
    exact,              // to `size`
    shortest_edge,      // to size.height, keeping the shape
    edges,              // the same, but no edge longer than `longest_edge`
    edges_in_sixteens,  // the same, then down to multiples of 16
    within,             // as large as fits into `size`, keeping the shape
    multiples,          // to `size`, rounded to multiples of `multiple`
    area  // to multiples of `multiple`, with least_pixels to most_pixels, about keeping the shape
  };
  // Before all else, it is put in the middle of a square of this colour.
  std::optional<std::array<uint8_t, 3>> square;
  Resize resize = Resize::none;
  Size size;
  int64_t longest_edge = 0;
  int64_t multiple = 1;
  int64_t least_pixels = 0, most_pixels = 0;
  // Of `area`: smaller pictures are enlarged to edges of `multiple` first.
  bool at_least_multiple = false;
  bool keep_shape = false;  // both edges are scaled as that which changes least; only of `multiples`
  ImageFilter filter = ImageFilter::bilinear;
  std::optional<Size> crop;       // of the middle; zeros around a smaller picture
  bool rounded_middle = false;    // an odd rest is halved to the even side (torchvision), else down
  bool blue_first = false;        // channels go out as blue, green, red
  std::optional<double> factor;   // levels are multiplied by it
  std::optional<double> divisor;  // or divided by it, in float32 (torchvision)
  bool minus_one = false;         // one is subtracted then
  // Each is subtracted and divided by, for red, green and blue.
  std::optional<std::array<float, 3>> mean, deviation;
  bool divided_twice = false;  // by the deviation, once more
  // Zeros take the place of numbers at last: to the right and below, or else on all sides.
  std::optional<Size> pad;
  int64_t pad_multiple = 1;  // of both edges
  bool mask = false;         // it is told where the picture is
};

// From a preprocessor_config.json (or what processor_config.json calls image_processor), with the defaults of
// the image processor that it names; or timm's pretrained_cfg. Error(model) naming `file` and key: a
// processor that is not known, a key that would change the result and is not understood, a value that makes
// no sense.
ImageProcessorOptions image_processor_options(const nlohmann::json& config, const std::string& file);

// Pictures to pixel values as transformers' image processors with the backend "pil" make them. Immutable.
class ImageProcessor {
 public:
  explicit ImageProcessor(ImageProcessorOptions options);

  const ImageProcessorOptions& options() const { return options_; }
  // [3, height, width] float32. Error(input): a picture without pixels, or one that becomes empty, too large,
  // or larger than it is padded to.
  Tensor operator()(const Image& image) const;
  // [height, width] int64: 1 where operator() has the picture, 0 where it pads. None of processors that tell
  // no mask. Errors are those of operator().
  std::optional<Tensor> pixel_mask(const Image& image) const;

 private:
  ImageProcessorOptions options_;
  std::array<std::array<float, 256>, 3> values_;  // of each level of red, green and blue
};

// Of a model folder: preprocessor_config.json, processor_config.json or timm's config.json. None where it has
// none of them.
std::optional<ImageProcessorOptions> read_image_processor(const std::filesystem::path& folder);

}  // namespace millrace
