#include "nodes/image_detect.h"

#include <gmock/gmock.h>

#include "backends/method_table.h"
#include "base/error.h"
#include "nodes/image_draw.h"
#include "nodes/model_cache.h"

namespace millrace {
namespace {

// A model of two labels and three queries: a dog on the left half, an otter on a quarter, and nothing. It
// sees how many pixels it was given and says so as the dog's logit.
std::shared_ptr<const LoadedModel> two_labels(bool masked, LabelSet::Of of = LabelSet::Of::boxes) {
  auto table = std::make_shared<MethodTable>("two labels");
  Method forward{
      .info = {"forward", {"pixel_values"}, {"logits", "pred_boxes"}},
      .optional = {},
      .run = [masked](const NamedTensors& arguments) -> NamedTensors {
        const Tensor& pixels = arguments.at("pixel_values");
        EXPECT_EQ(arguments.contains("pixel_mask"), masked);
        if (masked) {
          EXPECT_EQ(arguments.at("pixel_mask").shape(), (Shape{pixels.dim(0), pixels.dim(2), pixels.dim(3)}));
        }
        std::vector<float> logits, boxes;
        for (int64_t i = 0; i < pixels.dim(0); ++i) {
          const float first = pixels.data<float>()[i * pixels.count() / pixels.dim(0)];
          logits.insert(logits.end(), {first, 0, 0, 0, 8, 0, 0, 0, 5});
          boxes.insert(boxes.end(), {0.25f, 0.5f, 0.5f, 1, 0.75f, 0.25f, 0.5f, 0.5f, 0.5f, 0.5f, 1, 1});
        }
        const int64_t batch = pixels.dim(0);
        return {{"logits", Tensor::from<float>({batch, 3, 3}, logits)},
                {"pred_boxes", Tensor::from<float>({batch, 3, 4}, boxes)}};
      }};
  if (masked) {
    forward.info.arguments.emplace_back("pixel_mask");
    forward.optional.emplace_back("pixel_mask");
  }
  table->add(std::move(forward));
  auto model = std::make_shared<LoadedModel>();
  model->methods = table;
  model->labels = LabelSet{.names = {"dog", "otter"}, .scores = LabelSet::Scores::softmax, .of = of};
  return model;
}

ImageDetect detector(const std::shared_ptr<const LoadedModel>& model, double threshold = 0.5) {
  Resources resources;
  resources.emplace<ModelCache>().add("m", model);
  return ImageDetect({.model = "m", .threshold = threshold}, resources);
}

ImageDetect::In input(int64_t height, int64_t width, float logit) {
  PixelValues pixels{.values = Tensor(DType::float32, {3, 6, 7}), .mask = Tensor(DType::int64, {6, 7})};
  pixels.values.mutable_data<float>()[0] = logit;
  return {.pixels = make_ref(std::move(pixels)), .image = make_ref(Image(height, width))};
}

TEST(ImageDetect, TellsTheLikeliestFirstInThePicturesPixels) {
  const auto found = detector(two_labels(false))(input(100, 200, 4)).objects.objects;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].label, "otter");
  EXPECT_FLOAT_EQ(found[0].box.x0, 100);
  EXPECT_FLOAT_EQ(found[0].box.y0, 0);
  EXPECT_FLOAT_EQ(found[0].box.x1, 200);
  EXPECT_FLOAT_EQ(found[0].box.y1, 50);
  EXPECT_EQ(found[1].label, "dog");
  EXPECT_GT(found[0].box.score, found[1].box.score);
}

TEST(ImageDetect, LeavesOutWhatIsNotAboveTheThreshold) {
  EXPECT_EQ(detector(two_labels(false))(input(9, 9, 0)).objects.objects.size(), 1u);
  EXPECT_EQ(detector(two_labels(false), 0.99)(input(9, 9, 4)).objects.objects.size(), 1u);
  EXPECT_EQ(detector(two_labels(false), 0.0)(input(9, 9, 4)).objects.objects.size(), 3u);
}

TEST(ImageDetect, GivesModelsTheMaskThatTheyTake) {
  EXPECT_EQ(detector(two_labels(true))(input(9, 9, 4)).objects.objects.size(), 2u);
}

TEST(ImageDetect, GivesEachOfABatchWhatItGetsAlone) {
  const auto detect = detector(two_labels(true));
  const std::vector<ImageDetect::In> batch = {input(10, 20, 4), input(30, 30, 0), input(5, 9, 12)};
  const auto together = detect(batch);
  ASSERT_EQ(together.size(), 3u);
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto alone = detect(batch[i]).objects.objects, mine = together[i].objects.objects;
    ASSERT_EQ(mine.size(), alone.size()) << i;
    for (size_t j = 0; j < alone.size(); ++j) {
      EXPECT_EQ(mine[j].label, alone[j].label);
      EXPECT_EQ(mine[j].box.score, alone[j].box.score);
      EXPECT_EQ(mine[j].box.x1, alone[j].box.x1);
    }
  }
}

TEST(ImageDetect, RefusesModelsWithoutLabelsForBoxes) {
  EXPECT_THROW(detector(two_labels(false, LabelSet::Of::pixels)), Error);
  auto bare = std::make_shared<LoadedModel>(*two_labels(false));
  bare->labels.reset();
  EXPECT_THROW(detector(bare), Error);
}

}  // namespace
}  // namespace millrace
