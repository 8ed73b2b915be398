#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backends/loaded_model.h"
#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Configs that golden models do not fit, and pictures that they cannot take.
class VisionFamilies : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("vision_families_") +
               testing::UnitTest::GetInstance()->current_test_info()->name() + std::to_string(getpid()));
  }
  void TearDown() override { fs::remove_all(folder_); }

  // What is said of the golden model with another value in its config.
  std::string message(const std::string& golden, const std::string& key, const nlohmann::json& value) {
    fs::remove_all(folder_);
    fs::copy(fs::path(MILLRACE_SOURCE_DIR "/tests/golden/vision") / golden, folder_);
    auto config = read_json(folder_ / "config.json", ErrorKind::model, 1 << 20);
    config[key] = value;
    std::ofstream(folder_ / "config.json") << config;
    try {
      load_model(folder_.string());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      return error.what();
    }
    return "no error";
  }

  static std::string picture_message(const std::string& golden, int64_t height, int64_t width) {
    const auto model = load_model(MILLRACE_SOURCE_DIR "/tests/golden/vision/" + golden);
    try {
      model.methods->run("forward", {{"pixel_values", Tensor(DType::float32, {1, 3, height, width})}});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return error.what();
    }
    return "no error";
  }

  fs::path folder_;
};

TEST_F(VisionFamilies, SayWhichKeyDoesNotFit) {
  EXPECT_THAT(message("mobilevit", "num_attention_heads", 5), HasSubstr("which 5 heads do not divide"));
  EXPECT_THAT(message("mobilevit_segmentation", "atrous_rates", {2, 3}),
              HasSubstr("'atrous_rates': has 2 rates"));
  EXPECT_THAT(message("mobilevitv2", "num_attention_heads", 2),
              HasSubstr("the key 'num_attention_heads' = 2 is not understood"));
  EXPECT_THAT(message("swinv2", "image_size", 1),
              HasSubstr("'image_size': nothing is left of such a picture in stage 0"));
  EXPECT_THAT(message("swinv2", "pretrained_window_sizes", {4}),
              HasSubstr("'pretrained_window_sizes': has no number for stage 1"));
  EXPECT_THAT(message("cvt", "qkv_projection_method", {"avg", "avg"}),
              HasSubstr("'qkv_projection_method': \"avg\" is not supported"));
  EXPECT_THAT(message("cvt", "stride_kv", {2}), HasSubstr("'stride_kv': has no number for stage 1"));
  EXPECT_THAT(message("focalnet", "use_post_layernorm", 7), HasSubstr("true or false was expected"));
}

TEST_F(VisionFamilies, SayWhichLayersSegmentationLacks) {
  EXPECT_THAT(message("beit_segmentation", "out_indices", {1, 2, 3}), HasSubstr("needs 4 maps"));
  EXPECT_THAT(message("beit_segmentation", "out_indices", {1, 2, 3, 9}),
              HasSubstr("'out_indices': there is no stage 9 of 4"));
  EXPECT_THAT(message("beit_segmentation", "out_indices", nullptr),
              HasSubstr("needs 4 maps of one width, not 0"));
  EXPECT_THAT(message("beit_segmentation", "pool_scales", {1, 2, 1000}),
              HasSubstr("'pool_scales': 1000 is too large"));
}

TEST_F(VisionFamilies, SayWhichKeyOfABackboneIsUnknown) {
  EXPECT_THAT(message("upernet_swin", "backbone_config", {{"model_type", "resnet"}}),
              HasSubstr("no architecture file describes the model_type 'upernet/resnet'"));
  EXPECT_THAT(message("upernet_swin", "backbone_config",
                      {{"model_type", "swin"}, {"patch_size", 2}, {"num_heads", {2, 1, 3}}, {"mixed", true}}),
              HasSubstr("the key 'backbone_config.mixed' = true is not understood"));
  EXPECT_THAT(message("upernet_convnext", "use_timm_backbone", true),
              HasSubstr("'use_timm_backbone' is true, but only false is supported"));
}

TEST_F(VisionFamilies, SayWhichPicturesAreTooSmall) {
  EXPECT_THAT(picture_message("mobilevitv2", 20, 8), HasSubstr("a patch has 2 x 2"));
  EXPECT_THAT(picture_message("cvt_means", 3, 3), HasSubstr("too small for this model's filters"));
  EXPECT_THAT(picture_message("beit_segmentation", 8, 40), HasSubstr("is too small for this model"));
  EXPECT_EQ(picture_message("mobilevit", 1, 1), "no error");
  EXPECT_EQ(picture_message("swinv2", 1, 1), "no error");
  EXPECT_EQ(picture_message("focalnet", 1, 1), "no error");
}

}  // namespace
}  // namespace millrace
