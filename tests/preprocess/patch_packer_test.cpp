#include "preprocess/patch_packer.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::optional<PatchPackerOptions> options_of(const std::string& config) {
  return patch_packer_options(parse_json(config, "x", ErrorKind::model), "preprocessor_config.json");
}

constexpr const char* kSmall =
    R"({"image_processor_type":"Qwen2VLImageProcessorFast","patch_size":2,"merge_size":2,
  "temporal_patch_size":2,"size":{"shortest_edge":16,"longest_edge":200}})";

TEST(PatchPacker, LaysSquaresOfPatchesOneBehindAnother) {
  Image image(4, 8);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i);
  auto options = *options_of(kSmall);
  options.picture.factor.reset();
  options.picture.mean.reset();
  const PackedPicture packed = PatchPacker(options)(image);
  EXPECT_THAT(packed.grid, ElementsAre(1, 2, 4));
  ASSERT_EQ(packed.pixel_values.shape(), (Shape{8, 3 * 2 * 4}));
  const auto values = packed.pixel_values.values<float>();
  const auto some = [&](size_t from) {
    return std::vector<float>(values.begin() + from, values.begin() + from + 4);
  };
  EXPECT_THAT(some(0), ElementsAre(0, 3, 24, 27));   // red of the first patch
  EXPECT_THAT(some(4), ElementsAre(0, 3, 24, 27));   // its other frame
  EXPECT_THAT(some(8), ElementsAre(1, 4, 25, 28));   // green
  EXPECT_THAT(some(24), ElementsAre(6, 9, 30, 33));  // the patch beside it
  EXPECT_THAT(some(48), ElementsAre(48, 51, 72, 75)) << "the patch below it comes before the next square";
}

std::string error_of(const std::string& config) {
  try {
    options_of(config);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(PatchPackerOptions, ReadBothSpellingsOfSizes) {
  const auto old =
      options_of(R"({"image_processor_type":"Qwen2VLImageProcessor","min_pixels":3136,"max_pixels":999999})");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->picture.least_pixels, 3136);
  EXPECT_EQ(old->picture.most_pixels, 999999);
  EXPECT_EQ(old->picture.multiple, 28);
  EXPECT_EQ(options_of(kSmall)->picture.most_pixels, 200);
  EXPECT_EQ(options_of(R"({"image_processor_type":"PaddleOCRVLImageProcessor"})")->frames, 1);
  EXPECT_FALSE(options_of(R"({"image_processor_type":"ViTImageProcessor"})"));
}

TEST(PatchPackerOptions, SayWhatIsNotUnderstood) {
  const std::string begin = R"({"image_processor_type":"Qwen2VLImageProcessor",)";
  EXPECT_THAT(error_of(begin + R"("patch_size":0})"),
              HasSubstr("preprocessor_config.json: 'patch_size' = 0: a number from 1 to"));
  EXPECT_THAT(error_of(begin + R"("size":{"longest_edge":9}})"), HasSubstr("'shortest_edge' = null"));
  EXPECT_THAT(error_of(begin + R"("size":9})"), HasSubstr("'size': an object was expected"));
  EXPECT_THAT(error_of(begin + R"("do_sharpen":true})"), HasSubstr("'do_sharpen'"));
}

TEST(PatchPacker, RefusesPicturesThatAreTooLongOrCannotBeCut) {
  const auto refused = [](const std::string& config, int64_t height, int64_t width) {
    try {
      PatchPacker (*options_of(config))(Image(height, width));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused(kSmall, 1, 201), HasSubstr("1 x 201 is too long"));
  EXPECT_EQ(refused(kSmall, 1, 200), "");
  const std::string fixed =
      R"({"image_processor_type":"Qwen2VLImageProcessor","patch_size":2,"do_resize":false})";
  EXPECT_THAT(refused(fixed, 6, 4), HasSubstr("6 x 4 cannot be cut into squares of 4"));
  EXPECT_EQ(refused(fixed, 8, 4), "");
}

}  // namespace
}  // namespace millrace
