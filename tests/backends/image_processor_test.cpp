#include "preprocess/image_processor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "backends/verify.h"
#include "backends/vision_methods.h"
#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kFolder = MILLRACE_SOURCE_DIR "/tests/golden/preprocess/image_processors";

std::vector<std::string> processors() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

class ImageProcessorGolden : public testing::TestWithParam<std::string> {};

TEST_P(ImageProcessorGolden, EqualsTransformers) {
  const auto path = kFolder / (GetParam() + ".json");
  const auto options = image_processor_options(read_json(path, ErrorKind::model, 1 << 20), path.string());
  MethodTable methods("test");
  methods.add(image_processor_method("preprocess", options));
  int results = 0;
  verify(methods, read_reference((kFolder / (GetParam() + ".safetensors")).string()),
         {.tolerance = 0, .method = ""}, [&](const VerifiedResult& result) {
           ++results;
           EXPECT_TRUE(result.passed) << result.case_name << ": " << result.why;
         });
  EXPECT_EQ(results, options.mask ? 6 : 3);
}

INSTANTIATE_TEST_SUITE_P(Processors, ImageProcessorGolden, testing::ValuesIn(processors()),
                         [](const auto& info) { return info.param; });

std::string error_of(const char* config) {
  try {
    image_processor_options(parse_json(config, "x", ErrorKind::model), "preprocessor_config.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ImageProcessorOptions, SaysWhatIsNotUnderstood) {
  EXPECT_THAT(error_of(R"({"image_processor_type":"ConvNeXtImageProcessor"})"),
              HasSubstr("'ConvNeXtImageProcessor' is not known (did you mean 'ConvNextImageProcessor'?)"));
  EXPECT_THAT(error_of(R"({"image_processor_type":"ViTImageProcessorFast","do_sharpen":true})"),
              HasSubstr("the key 'do_sharpen' = true of the image processor is not understood"));
  EXPECT_THAT(error_of(R"({"size":{"height":3}})"), HasSubstr("needs 'height' and 'width'"));
  EXPECT_THAT(error_of(R"({"size":0})"), HasSubstr("edges are from 1 to"));
  EXPECT_THAT(error_of(R"({"resample":9})"), HasSubstr("Pillow's filters are 0 to 5"));
  EXPECT_THAT(error_of(R"({"image_mean":[1,2]})"), HasSubstr("'image_mean' = [1,2]"));
  EXPECT_THAT(error_of("[]"), HasSubstr("an object was expected"));
  EXPECT_THAT(error_of(R"({"do_center_crop":true})"), HasSubstr("has no 'crop_size'"));
  EXPECT_THAT(error_of(R"({"rescale_factor":null})"), HasSubstr("'rescale_factor' = null"));
  EXPECT_THAT(error_of(R"({"image_processor_type":"DetrImageProcessor","size":{"shortest_edge":8}})"),
              HasSubstr("needs 'longest_edge', too"));
  EXPECT_THAT(error_of(R"({"image_processor_type":"DPTImageProcessor","size":{"shortest_edge":8}})"),
              HasSubstr("needs 'height' and 'width'"));
  EXPECT_THAT(error_of(R"({"image_processor_type":"DPTImageProcessor","ensure_multiple_of":0})"),
              HasSubstr("'ensure_multiple_of' = 0: edges are from 1"));
  EXPECT_EQ(error_of(R"({"feature_extractor_type":"ViTFeatureExtractor","size":224,"do_pad":null})"), "");
}

TEST(ImageProcessor, SaysWhatIsLargerThanItIsPaddedTo) {
  const auto config =
      parse_json(R"({"size":9,"do_pad":true,"pad_size":{"height":8,"width":20}})", "x", ErrorKind::model);
  const ImageProcessor processor(image_processor_options(config, "x"));
  try {
    processor(Image(3, 4));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("would become one of 9 x 9, which is padded to 8 x 20 only"));
  }
}

}  // namespace
}  // namespace millrace
