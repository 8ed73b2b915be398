#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "base/best_shape.h"
#include "preprocess/image_processor.h"
#include "preprocess/tile_grid.h"

namespace millrace {

// How a picture that has more detail than an encoder of pictures of one size sees is taken apart into tiles
// of that size, with the whole picture in that size beside them.
struct PictureTilerOptions {
  enum class Way {
    grid,    // stretched to whole tiles, line by line, then the whole (Idefics 3, SmolVLM)
    shapes,  // fitted into that of some shapes that suits it best, and the whole first (LLaVA-NeXT)
    canvas,  // stretched to a grid of the nearest shape, line by line, then the whole (InternVL)
    strip,   // long pictures cut across, and the whole first (Gemma 3's "pan and scan")
  };
  Way way = Way::grid;
  using Size = ImageProcessorOptions::Size;
  ImageProcessorOptions tile = {};  // what becomes of each
  ImageFilter filter = ImageFilter::lanczos;
  int64_t longest_edge = 0;              // grid: of the picture before it is taken apart; 0: as it is
  int64_t edge = 0;                      // of tiles, in pixels
  bool splits = true;                    // grid and canvas: else there is the whole alone
  bool mask = true;                      // grid: it is told where tiles show the picture, which is everywhere
  std::vector<HeightWidth> shapes = {};  // to choose from, see best_shape
  bool tells_number = false;             // shapes: it is told that there is one picture (LLaVA-OneVision)
  Size whole = {};                       // shapes and canvas: the size of the whole
  TileCounts tiles = {};                 // canvas: of the grid
  bool resizes = true;                   // canvas: pictures that are not taken apart
  // Strips: how much longer than wide a picture has to be at least, the least edge of a part, and how many
  // there are at most; 0: there is the whole alone.
  double least_ratio = 0;
  int64_t least_edge = 1, most_parts = 0;
};

struct TiledPicture {
  Tensor pixel_values;            // [tiles, 3, height, width] float32
  int64_t rows = 0, columns = 0;  // of the tiles that are parts; 0: there is the whole alone
};

// Immutable. Errors are those of ImageProcessor.
class PictureTiler {
 public:
  explicit PictureTiler(PictureTilerOptions options);

  const PictureTilerOptions& options() const { return options_; }
  TiledPicture operator()(const Image& image) const;

 private:
  TiledPicture in_grid(const Image& image) const;
  TiledPicture in_best_shape(const Image& image) const;
  TiledPicture on_canvas(const Image& image) const;
  TiledPicture in_strip(const Image& image) const;
  Tensor pixels_of(const std::vector<Image>& tiles) const;

  PictureTilerOptions options_;
  ImageProcessor tile_;
};

// From what preprocessor_config.json (or processor_config.json) of a model folder says; none where there is
// no such file or it is of a processor that takes nothing apart. Errors are those of image_processor_options.
std::optional<PictureTilerOptions> read_picture_tiler(const std::filesystem::path& folder);
std::optional<PictureTilerOptions> picture_tiler_options(const nlohmann::json& config,
                                                         const std::string& file);

}  // namespace millrace
