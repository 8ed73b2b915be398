#include "encoders/resized_depth.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

TEST(ResizedDepth, IsThatOfTransformers) {
  const auto golden = read_json(MILLRACE_SOURCE_DIR "/tests/golden/vision/post_processed.json",
                                ErrorKind::input, limits::kConfigBytes)["depth"];
  const Tensor depth = Tensor::from<float>({2, 5, 6}, golden["predicted_depth"].get<std::vector<float>>());
  for (size_t image = 0; image < 2; ++image) {
    const auto& size = golden["sizes"][image];
    const Tensor resized = resized_depth(depth, static_cast<int64_t>(image), size[0], size[1]);
    const auto expected = golden["resized"][image].get<std::vector<float>>();
    ASSERT_EQ(resized.shape(), Shape({size[0].get<int64_t>(), size[1].get<int64_t>()}));
    for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(resized.values<float>()[i], expected[i], 1e-6);
  }
}

TEST(ResizedDepth, RefusesWhatDoesNotFit) {
  const Tensor depth(DType::float32, {1, 2, 3});
  EXPECT_THROW(resized_depth(Tensor(DType::float32, {2, 3}), 0, 4, 4), Error);
  EXPECT_THROW(resized_depth(depth, 1, 4, 4), Error);
  EXPECT_THROW(resized_depth(depth, 0, 0, 4), Error);
}

}  // namespace
}  // namespace millrace
