#include "encoders/patch_mask.h"

#include <algorithm>

#include "base/error.h"

namespace millrace {
namespace {

bool any_shown(const float* pixels, int64_t width, int64_t edge) {
  for (int64_t y = 0; y < edge; ++y)
    if (std::any_of(pixels + y * width, pixels + y * width + edge, [](float shown) { return shown != 0; }))
      return true;
  return false;
}

PatchMask mask_of(const float* pixels, int64_t width, PictureSize patches, int64_t edge) {
  PatchMask mask;
  for (int64_t y = 0; y < patches.height; ++y)
    for (int64_t x = 0; x < patches.width; ++x)
      mask.shown.push_back(any_shown(pixels + y * edge * width + x * edge, width, edge));
  for (int64_t y = 0; y < patches.height; ++y) mask.seen.height += mask.shows(y * patches.width);
  for (int64_t x = 0; x < patches.width; ++x) mask.seen.width += mask.shows(x);
  if (mask.seen.height == 0 || mask.seen.width == 0)
    fail(ErrorKind::input, "'pixel_attention_mask' leaves nothing of a picture's first row or column");
  if (!std::ranges::count(mask.shown, 0)) mask.shown.clear();
  return mask;
}

}  // namespace

std::vector<PatchMask> patch_masks(const Tensor& pixel_mask, int64_t edge) {
  const Tensor pixels = pixel_mask.to_float32();
  const int64_t height = pixels.dim(1), width = pixels.dim(2);
  const PictureSize patches = {height / edge, width / edge};
  std::vector<PatchMask> masks;
  for (int64_t i = 0; i < pixels.dim(0); ++i)
    masks.push_back(mask_of(pixels.data<float>() + i * height * width, width, patches, edge));
  return masks;
}

}  // namespace millrace
