#include "backends/prepared_picture.h"

#include <algorithm>

#include "backends/vision_methods.h"
#include "base/error.h"

namespace millrace {
namespace {

Tensor as_rows(const Tensor& embeddings) {
  const int64_t width = embeddings.shape().back();
  return embeddings.reshaped({embeddings.count() / width, width});
}

PreparedPicture packed_picture(const MediaEmbedder& encoder, const PatchPackerOptions& options,
                               const Image& image) {
  const auto arguments = packed_arguments(PatchPacker(options)(image));
  const Tensor embeddings = encoder.embed(arguments);
  return {.embeddings = embeddings,
          .text = {.tokens = embeddings.dim(0)},
          .extent = encoder.extents(arguments).front()};
}

}  // namespace

PreparedPicture prepare_picture(const LoadedModel& model, const Image& image) {
  const auto& encoder = *model.multimodal->pictures();
  if (model.patch_packer) return packed_picture(encoder, *model.patch_packer, image);
  if (model.image_processor) {
    const Tensor values = ImageProcessor(*model.image_processor)(image);
    Shape shape = values.shape();
    shape.insert(shape.begin(), 1);
    const Tensor embeddings = as_rows(encoder.embed({{"pixel_values", values.reshaped(std::move(shape))}}));
    return {.embeddings = embeddings, .text = {.tokens = embeddings.dim(0)}};
  }
  if (!model.picture_tiler)
    fail_at(ErrorKind::model, model.methods->source(),
            "there is no preprocessor_config.json, which tells how "
            "pictures are prepared");
  PictureTilerOptions options = *model.picture_tiler;
  if (model.multimodal->takes_apart()) options.splits = true;
  const TiledPicture tiles = PictureTiler(options)(image);
  NamedTensors arguments = tile_arguments(options, tiles, image);
  std::erase_if(arguments, [known = encoder.arguments()](const auto& argument) {
    return std::ranges::count(known, argument.first) == 0;
  });
  const Tensor embeddings = encoder.embed(arguments);
  if (embeddings.rank() == 2) return {.embeddings = embeddings, .text = {.tokens = embeddings.dim(0)}};
  return {.embeddings = as_rows(embeddings),
          .text = {.tokens = embeddings.dim(1), .rows = tiles.rows, .columns = tiles.columns}};
}

}  // namespace millrace
