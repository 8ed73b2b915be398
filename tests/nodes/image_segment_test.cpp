#include "nodes/image_segment.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "nodes/image_draw.h"
#include "nodes/model_cache.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::string kVision = MILLRACE_SOURCE_DIR "/tests/golden/vision/";

ImageSegment segmenter(ImageSegment::Params params) {
  Resources resources;
  resources.emplace<ModelCache>();
  params.model = kVision + "segformer_segmentation";
  return ImageSegment(params, resources);
}

ImageSegment::In input(int64_t height, int64_t width, float phase) {
  Tensor values(DType::float32, {3, 45, 62});
  float* to = values.mutable_data<float>();
  for (int64_t i = 0; i < values.count(); ++i) to[i] = 2 * std::sin(phase + static_cast<float>(i) * 0.01f);
  return {.pixels = make_ref(PixelValues{values}), .image = make_ref(Image(height, width))};
}

TEST(ImageSegment, GivesAMapOfThePicturesSizeOrTheModels) {
  const auto in = input(101, 87, 0);
  const auto large = segmenter({})(in).segments;
  EXPECT_EQ(large.labels, 5);
  EXPECT_EQ(large.classes.height, 101);
  EXPECT_EQ(large.classes.width, 87);
  EXPECT_TRUE(large.logits.empty());
  double sum = 0;
  for (const auto& part : large.parts) sum += part.share;
  EXPECT_NEAR(sum, 1, 1e-9);
  const auto coarse = segmenter({.model = "", .do_upsample = false})(in).segments;
  EXPECT_EQ(coarse.classes.height, 12);
  EXPECT_EQ(coarse.classes.width, 16);
}

TEST(ImageSegment, GivesLogitsWhenAsked) {
  const auto in = input(30, 20, 0);
  const auto large = segmenter({.model = "", .do_argmax = false})(in).segments;
  EXPECT_EQ(large.logits.shape(), (Shape{5, 30, 20}));
  EXPECT_TRUE(large.parts.empty());
  const auto raw = segmenter({.model = "", .do_upsample = false, .do_argmax = false})(in).segments;
  EXPECT_EQ(raw.logits.shape(), (Shape{5, 12, 16}));
  Resources resources;
  try {
    ImageDraw({}, resources)({.image = in.image, .segments = make_ref(raw), .objects = nullptr});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("do_argmax"));
  }
}

TEST(ImageSegment, GivesEachOfABatchWhatItGetsAlone) {
  const auto segment = segmenter({});
  const std::vector<ImageSegment::In> batch = {input(30, 20, 0), input(20, 50, 1), input(9, 9, 2)};
  const auto together = segment(batch);
  ASSERT_EQ(together.size(), batch.size());
  for (size_t i = 0; i < batch.size(); ++i)
    EXPECT_EQ(together[i].segments.classes.classes, segment(batch[i]).segments.classes.classes) << i;
}

TEST(ImageSegment, RefusesModelsWithoutLabelsForPixels) {
  Resources resources;
  resources.emplace<ModelCache>();
  for (const char* name : {"vit", "segformer", "segformer_bare"})
    EXPECT_THROW(ImageSegment({.model = kVision + name}, resources), Error) << name;
}

}  // namespace
}  // namespace millrace
