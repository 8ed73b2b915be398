#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "backends/prepared_picture.h"
#include "backends/reference.h"
#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/vision_language";

// Of any levels: how many places there are does not depend on them.
Image grey(const nlohmann::json& size) {
  Image image(size.at(0).get<int64_t>(), size.at(1).get<int64_t>());
  std::ranges::fill(image.pixels, uint8_t{127});
  return image;
}

class PromptWithPictures : public testing::TestWithParam<std::string> {};

TEST_P(PromptWithPictures, IsAsTheProcessorWritesIt) {
  const auto all = read_json(kGolden / "prompts.json", ErrorKind::input, limits::kConfigBytes);
  const auto model = load_model((kGolden / GetParam()).string());
  for (const auto& one : all.at(GetParam())) {
    std::vector<PictureText> pictures;
    for (const auto& size : one.at("sizes")) {
      const auto prepared = prepare_picture(model, grey(size));
      const int64_t parts = prepared.text.rows * prepared.text.columns;
      EXPECT_EQ(prepared.embeddings.dim(0), prepared.text.tokens * (parts + 1));
      pictures.push_back(prepared.text);
    }
    EXPECT_EQ(with_pictures(one.at("prompt").get<std::string>(), pictures, model.multimodal->picture_text()),
              one.at("text"));
  }
}

INSTANTIATE_TEST_SUITE_P(Multimodal, PromptWithPictures,
                         testing::Values("llava", "llava_next", "llava_onevision", "idefics3", "smolvlm",
                                         "gemma3", "internvl", "paligemma", "qwen2_vl", "qwen3_vl"));

// A case of the golden with an argument changed.
void expect_refused(const std::string& method, const std::string& argument, const Tensor& value,
                    const char* text, const std::string& name = "llava") {
  const auto folder = kGolden / name;
  const auto model = load_model(folder.string());
  for (auto& one : read_reference((folder / "reference.safetensors").string())) {
    if (one.method != method || !one.arguments.contains("pixel_values")) continue;
    one.arguments.insert_or_assign(argument, value);
    try {
      model.methods->run(method, one.arguments);
      ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
    return;
  }
  FAIL() << "no such case";
}

TEST(Multimodal, NeedsAsManyPlacesAsThePicturesFill) {
  const std::vector<int64_t> few = {1, 50, 2}, many(40, 50);
  expect_refused("forward", "input_ids", Tensor::from<int64_t>({1, 3}, std::span(few)),
                 "places, but 'input_ids' has 1 of token 50");
  expect_refused("forward", "input_ids", Tensor::from<int64_t>({1, 40}, std::span(many)),
                 "more places of token 50");
}

TEST(Multimodal, RefusesCountsOfOtherPictures) {
  const auto refused = [](const std::vector<int64_t>& counts, const char* text) {
    expect_refused("vision_encoder", "batch_num_images",
                   Tensor::from<int64_t>({std::ssize(counts)}, std::span(counts)), text,
                   "llava_onevision_several");
  };
  refused({0}, "counts 0 pictures, but 'image_sizes' has 1");
  refused({1, 0, 1}, "holds 1, but there are 1 pictures");
  refused({-1}, "holds -1");
  refused({1000000}, "holds 1000000");
}

TEST(Multimodal, RefusesPicturesOfOtherSizes) {
  expect_refused("vision_encoder", "pixel_values", Tensor(DType::float32, {1, 3, 15, 16}),
                 "pictures of 15 x 15");
  expect_refused("vision_encoder", "pixel_values", Tensor(DType::float32, {1, 1, 15, 15}), "'pixel_values'");
}

}  // namespace
}  // namespace millrace
