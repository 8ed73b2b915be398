#include "nodes/image_draw.h"

#include <gtest/gtest.h>

#include "drawing/colours.h"

namespace millrace {
namespace {

Image drawn(const ImageDraw::Params& params, const ImageDraw::In& in) {
  Resources resources;
  return ImageDraw(params, resources)(in).image;
}

Ref<Segmentation> segments() {
  Segmentation result{.labels = 3, .classes = ClassMap(30, 40), .parts = {}, .logits = {}};
  std::ranges::fill(result.classes.classes, uint16_t{2});
  result.parts.push_back({.index = 2, .label = "otter", .share = 1});
  return make_ref(std::move(result));
}

TEST(ImageDraw, DrawsSegmentsWithALegend) {
  const auto image = make_ref(Image(30, 40));
  const Image all =
      drawn({.opacity = 1, .legend = true}, {.image = image, .segments = segments(), .objects = nullptr});
  EXPECT_GT(all.height, 30);
  const Colour colour = class_colour(2);
  EXPECT_EQ(all.row(15)[3 * 20], colour.red);
  EXPECT_EQ(all.row(15)[3 * 20 + 2], colour.blue);
  const Image bare =
      drawn({.opacity = 0.5, .legend = false}, {.image = image, .segments = segments(), .objects = nullptr});
  EXPECT_EQ(bare.height, 30);
  EXPECT_NEAR(bare.row(15)[3 * 20], colour.red / 2., 1);
}

TEST(ImageDraw, DrawsBoxes) {
  const auto image = make_ref(Image(200, 300));
  Detections found;
  found.objects.push_back(
      {.label = "otter", .box = {.label = 3, .score = 0.97f, .x0 = 50, .y0 = 60, .x1 = 150, .y1 = 160}});
  const Image result = drawn({}, {.image = image, .segments = nullptr, .objects = make_ref(found)});
  EXPECT_EQ(result.height, 200);
  EXPECT_EQ(result.row(100)[3 * 50], class_colour(3).red);
  EXPECT_EQ(result.row(100)[3 * 100], 0);
}

TEST(ImageDraw, LeavesAPictureInWhichNothingWasLookedFor) {
  const auto image = make_ref(Image(5, 6));
  EXPECT_EQ(drawn({}, {.image = image, .segments = nullptr, .objects = nullptr}).pixels, image->pixels);
}

TEST(ImageDraw, KeepsTheTimeOfAFilmsPicture) {
  Image image(30, 40);
  image.seconds = 2.5;
  const Image result = drawn({}, {.image = make_ref(image), .segments = segments(), .objects = nullptr});
  EXPECT_EQ(result.seconds, 2.5);
}

}  // namespace
}  // namespace millrace
