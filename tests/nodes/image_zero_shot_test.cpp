#include "nodes/image_zero_shot.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "nodes/image_classify.h"
#include "nodes/image_preprocess.h"
#include "nodes/model_cache.h"

namespace millrace {
namespace {

constexpr const char* kGolden = MILLRACE_SOURCE_DIR "/tests/golden/vision/";

class ImageZeroShotTest : public testing::Test {
 protected:
  ImageZeroShotTest() { resources_.emplace<ModelCache>(); }

  ImageZeroShot node(const std::string& model, std::vector<std::string> labels) {
    return ImageZeroShot({.model = kGolden + model, .labels = std::move(labels), .labels_file = ""},
                         resources_);
  }
  // A picture of one grey, as `model` wants it.
  Ref<PixelValues> grey(const std::string& model, uint8_t level) {
    Image image(31, 26);
    std::ranges::fill(image.pixels, level);
    const ImagePreprocess prepare({.model = kGolden + model}, resources_);
    return make_ref(prepare({.image = make_ref(std::move(image))}).pixels);
  }

  Resources resources_;
};

TEST_F(ImageZeroShotTest, OneOfTheLabelsIsRightForClip) {
  const auto best = node("clip", {"cat", "dog", "fox"})({.pixels = grey("clip", 90)}).predictions.best;
  ASSERT_EQ(best.size(), 3u);
  EXPECT_NEAR(best[0].score + best[1].score + best[2].score, 1, 1e-6);
}

TEST_F(ImageZeroShotTest, EachOfTheLabelsMayBeRightForSiglip) {
  const auto pixels = grey("siglip", 90);
  const auto two = node("siglip", {"cat", "dog"})({.pixels = pixels}).predictions.best;
  const auto one = node("siglip", {"dog"})({.pixels = pixels}).predictions.best;
  EXPECT_FLOAT_EQ(static_cast<float>(two[two[0].label == "dog" ? 0 : 1].score),
                  static_cast<float>(one[0].score));
}

TEST_F(ImageZeroShotTest, BatchesChangeNothing) {
  const auto zero_shot = node("clip", {"cat", "dog"});
  const std::vector<ImageZeroShot::In> batch = {{.pixels = grey("clip", 10)}, {.pixels = grey("clip", 200)}};
  const auto together = zero_shot(batch);
  ASSERT_EQ(together.size(), 2u);
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto alone = zero_shot(batch[i]).predictions.best;
    EXPECT_EQ(together[i].predictions.best[0].label, alone[0].label);
    EXPECT_NEAR(together[i].predictions.best[0].score, alone[0].score, 1e-5);
  }
}

TEST_F(ImageZeroShotTest, ManyLabelsAreEmbeddedAsFewAre) {
  std::vector<std::string> labels;
  for (int i = 0; i < 70; ++i) labels.push_back(std::string(static_cast<size_t>(i % 7 + 1), 'a'));
  const auto best =
      ImageZeroShot(
          {.model = kGolden + std::string("siglip"), .labels = labels, .labels_file = "", .top_k = 70},
          resources_)({.pixels = grey("siglip", 90)})
          .predictions.best;
  ASSERT_EQ(best.size(), 70u);
  for (size_t i = 1; i < best.size(); ++i) {
    if (best[i].label != best[i - 1].label) continue;
    EXPECT_NEAR(best[i].score, best[i - 1].score, 1e-6);
  }
}

TEST_F(ImageZeroShotTest, RefusesWhatHasNoLabelsOrNoTexts) {
  EXPECT_THROW(node("clip", {}), Error);
  EXPECT_THROW(node("vit", {"cat"}), Error);
  EXPECT_THROW(node("siglip_text", {"cat"}), Error);
  EXPECT_THROW(ImageClassify({.model = kGolden + std::string("clip")}, resources_), Error);
}

}  // namespace
}  // namespace millrace
