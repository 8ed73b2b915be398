#include "encoders/detected_boxes.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

Tensor floats(const nlohmann::json& values, const Shape& shape) {
  return Tensor::from<float>(shape, values.get<std::vector<float>>());
}

TEST(DetectedBoxes, AreThoseOfTransformers) {
  const auto golden = read_json(MILLRACE_SOURCE_DIR "/tests/golden/vision/post_processed.json",
                                ErrorKind::input, limits::kConfigBytes)["boxes"];
  const Tensor logits = floats(golden["logits"], {2, 6, 4}), boxes = floats(golden["pred_boxes"], {2, 6, 4});
  for (size_t image = 0; image < 2; ++image) {
    const auto& size = golden["sizes"][image];
    const auto& expected = golden["found"][image];
    const auto found = detected_boxes(logits, boxes, static_cast<int64_t>(image), size[0], size[1],
                                      golden["threshold"].get<float>());
    ASSERT_EQ(found.size(), expected["scores"].size());
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].label, expected["labels"][i]);
      EXPECT_NEAR(found[i].score, expected["scores"][i].get<float>(), 1e-6);
      const float corners[] = {found[i].x0, found[i].y0, found[i].x1, found[i].y1};
      for (size_t c = 0; c < 4; ++c)
        EXPECT_FLOAT_EQ(corners[c], expected["boxes"][4 * i + c].get<float>()) << "corner " << c;
    }
  }
}

TEST(DetectedBoxes, AreNoneWhereNothingIsTheLikeliest) {
  const Tensor logits = Tensor::from<float>({1, 2, 3}, std::vector<float>{1, 0, 9, 5, 0, 0});
  const Tensor boxes = Tensor::from<float>({1, 2, 4}, std::vector<float>(8, 0.5f));
  EXPECT_EQ(detected_boxes(logits, boxes, 0, 10, 10, 0.5f).size(), 1u);
  EXPECT_EQ(detected_boxes(logits, boxes, 0, 10, 10, 1.f).size(), 0u);
}

TEST(DetectedBoxes, RefuseShapesThatDoNotFit) {
  const Tensor logits(DType::float32, {1, 2, 3}), boxes(DType::float32, {1, 2, 4});
  EXPECT_THROW(detected_boxes(logits, Tensor(DType::float32, {1, 3, 4}), 0, 10, 10, 0), Error);
  EXPECT_THROW(detected_boxes(Tensor(DType::float32, {1, 2, 1}), boxes, 0, 10, 10, 0), Error);
  EXPECT_THROW(detected_boxes(Tensor(DType::float32, {2, 3}), boxes, 0, 10, 10, 0), Error);
  EXPECT_THROW(detected_boxes(logits, boxes, 1, 10, 10, 0), Error);
  EXPECT_THROW(detected_boxes(logits, boxes, -1, 10, 10, 0), Error);
}

}  // namespace
}  // namespace millrace
