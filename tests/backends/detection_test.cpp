#include <gmock/gmock.h>

#include <filesystem>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/vision";

// The golden model `name` with another config.
class ChangedModel {
 public:
  ChangedModel(const std::string& name, const nlohmann::json& changes) {
    auto config = read_json(kGolden / name / "config.json", ErrorKind::model, limits::kConfigBytes);
    config.update(changes, /*merge_objects=*/true);
    for (auto entry = config.begin(); entry != config.end();)
      entry = entry->is_null() ? config.erase(entry) : std::next(entry);
    folder_.write("config.json", config.dump());
    std::filesystem::copy(kGolden / name / "model.safetensors", folder_.path() / "model.safetensors");
  }
  LoadedModel load() const { return load_model(folder_.path().string()); }
  void expect_error(const std::string& text) const {
    try {
      load();
      ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
  }

 private:
  TemporaryFolder folder_;
};

TEST(Detection, BackboneOfTimmMayBeNamedWithoutAConfig) {
  const ChangedModel model("detr_timm_dilated", {{"backbone_config", nullptr},
                                                 {"backbone", "resnet18"},
                                                 {"use_timm_backbone", true},
                                                 {"use_pretrained_backbone", true},
                                                 {"dilation", true}});
  const auto cases = read_reference((kGolden / "detr_timm_dilated/reference.safetensors").string());
  int results = 0;
  verify(*model.load().methods, cases, {}, [&](const VerifiedResult& result) {
    EXPECT_TRUE(result.passed) << result.result << ": " << result.why;
    ++results;
  });
  EXPECT_EQ(results, 4);
}

TEST(Detection, BackbonesThatAreNotKnownAreErrors) {
  ChangedModel("detr_timm", {{"backbone_config", {{"backbone", "resnet50d"}}}}).expect_error("resnet50d");
  ChangedModel("detr_timm", {{"backbone_config", nullptr}, {"use_timm_backbone", false}})
      .expect_error("use_timm_backbone");
  ChangedModel("depth_anything", {{"backbone_config", {{"model_type", "swin"}}}})
      .expect_error("'backbone_config.model_type' is 'swin'");
  ChangedModel("dpt", {{"is_hybrid", true}}).expect_error("is_hybrid");
  ChangedModel("dpt_dinov2", {{"backbone_config", {{"reshape_hidden_states", true}}}})
      .expect_error("reshape_hidden_states");
}

TEST(Detection, MaskOfOnesHidesNothing) {
  const auto model = load_model((kGolden / "detr").string());
  EXPECT_EQ(model.labels->names.size(), 5u);
  Tensor pixels(DType::float32, {1, 3, 40, 32}), mask(DType::int64, {1, 40, 32});
  for (int64_t i = 0; i < pixels.count(); ++i)
    pixels.mutable_data<float>()[i] = static_cast<float>(i % 17) / 8 - 1;
  std::fill_n(mask.mutable_data<int64_t>(), mask.count(), 1);
  const auto without = model.methods->run("forward", {{"pixel_values", pixels}});
  const auto with = model.methods->run("forward", {{"pixel_values", pixels}, {"pixel_mask", mask}});
  for (const auto* name : {"logits", "pred_boxes", "encoder_last_hidden_state"}) {
    const auto a = without.at(name).values<float>(), b = with.at(name).values<float>();
    EXPECT_TRUE(std::ranges::equal(a, b)) << name;
  }
}

TEST(Detection, MaskOfAnotherSizeIsAnError) {
  const auto model = load_model((kGolden / "detr").string());
  const Tensor pixels(DType::float32, {1, 3, 40, 32}), mask(DType::int64, {1, 40, 31});
  try {
    model.methods->run("forward", {{"pixel_values", pixels}, {"pixel_mask", mask}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_THAT(error.what(), HasSubstr("'pixel_mask' should be [1, 40, 32]"));
  }
}

TEST(Detection, BackboneIsAMethod) {
  const Tensor pixels(DType::float32, {1, 3, 42, 35});
  const auto depth = load_model((kGolden / "depth_anything").string());
  EXPECT_EQ(depth.methods->run("vision_encoder", {{"pixel_values", pixels}}).at("last_hidden_state").shape(),
            Shape({1, 31, 18}));
  const auto detr = load_model((kGolden / "detr").string());
  EXPECT_EQ(detr.methods->run("vision_encoder", {{"pixel_values", pixels}}).at("last_hidden_state").dim(1),
            16);
}

TEST(Detection, PicturesThatHaveNoPatchesAreErrors) {
  for (const std::string name : {"yolos", "depth_anything", "dpt", "detr"}) {
    const auto model = load_model((kGolden / name).string());
    const Tensor tiny(DType::float32, {1, 3, 1, 1});
    try {
      model.methods->run("forward", {{"pixel_values", tiny}});
      if (name != "detr") ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input) << name << ": " << error.what();
    }
  }
}

}  // namespace
}  // namespace millrace
