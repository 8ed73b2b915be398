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
  EXPECT_EQ(results, 3);
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
  EXPECT_EQ(error_of(R"({"feature_extractor_type":"ViTFeatureExtractor","size":224,"do_pad":null})"), "");
}

}  // namespace
}  // namespace millrace
