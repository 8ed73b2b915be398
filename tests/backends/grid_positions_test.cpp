#include <gmock/gmock.h>

#include <filesystem>
#include <random>

#include "backends/loaded_model.h"
#include "backends/reference.h"
#include "backends/text_prefiller.h"
#include "base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/vision_language";

std::vector<float> random_values(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// A prompt of two words, a picture of 2 x 3 places and two words, of a decoder in whose first layers
// something is added at the picture's places.
class DecoderOfPictures : public testing::Test {
 protected:
  static constexpr int64_t kLayers = 2;

  DecoderFeed feed(size_t first, size_t count) const {
    const auto width = static_cast<size_t>(decoder_->embedding_width());
    return {.slot = 0,
            .tokens = {},
            .embeddings = std::span(embeddings_).subspan(first * width, count * width),
            .attention_mask = {},
            .length = 0,
            .blocks = {},
            .positions = std::span(positions_).subspan(first, count),
            .deep = std::span(deep_).subspan(first, count),
            .deep_layers = kLayers};
  }

  std::vector<float> last(DecoderSession& session, const DecoderFeed& one) const {
    const Tensor logits = session.step({&one, 1});
    return {logits.values<float>().begin(), logits.values<float>().end()};
  }
  std::vector<float> after(DecoderSession& session, TokenId token) const {
    return last(session, {.slot = 0, .tokens = {&token, 1}});
  }

  void SetUp() override {
    decoder_ = load_model((kGolden / "qwen3_vl").string()).text_decoder;
    const auto width = static_cast<size_t>(decoder_->embedding_width());
    embeddings_ = random_values(positions_.size() * width, 1);
    added_ = random_values(6 * kLayers * width, 2);
    for (size_t i = 0; i < 6; ++i) deep_[2 + i] = added_.data() + i * kLayers * width;
  }

  std::shared_ptr<const TextDecoder> decoder_;
  std::vector<float> embeddings_, added_;
  std::vector<GridPosition> positions_ = {{0, 0, 0}, {1, 1, 1}, {2, 2, 2}, {2, 2, 3}, {2, 2, 4},
                                          {2, 3, 2}, {2, 3, 3}, {2, 3, 4}, {5, 5, 5}, {6, 6, 6}};
  std::vector<const float*> deep_ = std::vector<const float*>(10);
};

void expect_near(const std::vector<float>& a, const std::vector<float>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-4F) << i;
}

TEST_F(DecoderOfPictures, MayReadAPromptInPieces) {
  const auto whole = decoder_->begin(1, 16), pieces = decoder_->begin(1, 16);
  const auto expected = last(*whole, feed(0, 10));
  last(*pieces, feed(0, 4));
  last(*pieces, feed(4, 1));
  expect_near(last(*pieces, feed(5, 5)), expected);
  expect_near(after(*pieces, 7), after(*whole, 7));
}

TEST_F(DecoderOfPictures, GoesOnBehindThePicturesExtent) {
  const auto given = decoder_->begin(1, 16), counted = decoder_->begin(1, 16), other = decoder_->begin(1, 16);
  last(*given, feed(0, 10));
  last(*counted, feed(0, 8));
  DecoderFeed text = feed(8, 2);
  text.positions = {};
  last(*counted, text);
  expect_near(after(*counted, 7), after(*given, 7));
  positions_[8] = positions_[9] = {9, 9, 9};
  last(*other, feed(0, 10));
  EXPECT_NE(after(*other, 7), after(*given, 7)) << "places matter";
}

TEST_F(DecoderOfPictures, BeginsAgainAtAnyLength) {
  const auto fresh = decoder_->begin(1, 16), session = decoder_->begin(2, 16);
  last(*fresh, feed(0, 8));
  const auto expected = after(*fresh, 9);
  last(*session, feed(0, 10));
  session->reorder(std::vector{0, 0});
  after(*session, 3);
  EXPECT_EQ(session->resume(0, 8, 12), 8);
  expect_near(after(*session, 9), expected);
}

TEST_F(DecoderOfPictures, AddsInTheFirstLayers) {
  const auto with = decoder_->begin(1, 16), without = decoder_->begin(1, 16);
  const auto expected = last(*with, feed(0, 10));
  DecoderFeed plain = feed(0, 10);
  plain.deep = {};
  EXPECT_NE(last(*without, plain), expected);
}

// A case of the golden with an argument changed.
void expect_refused(const std::string& argument, const Tensor& value, const char* text) {
  const auto folder = kGolden / "qwen2_vl";
  const auto model = load_model(folder.string());
  for (auto& one : read_reference((folder / "reference.safetensors").string())) {
    if (one.method != "forward" || one.name != "two") continue;
    one.arguments.insert_or_assign(argument, value);
    try {
      model.methods->run("forward", one.arguments);
      ADD_FAILURE() << "no error: " << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
    return;
  }
  FAIL() << "no such case";
}

TEST(GridPictures, HaveToFitTheirPlaces) {
  const std::vector<int64_t> turned = {1, 6, 2, 1, 4, 6}, large = {1, 4, 6, 1, 6, 4};
  expect_refused("image_grid_thw", Tensor::from<int64_t>({2, 3}, turned), "does not fit the places for one");
  expect_refused("image_grid_thw", Tensor::from<int64_t>({2, 3}, large), "'image_grid_thw' are of");
  expect_refused("pixel_values", Tensor(DType::float32, {36, 5}),
                 "'pixel_values' should be float32 [patches, 24]");
}

TEST(GridPictures, StandInPromptsOfConversations) {
  const auto model = std::make_shared<const LoadedModel>(load_model((kGolden / "qwen3_vl").string()));
  EncodedMedium picture{.prepared = prepare_picture(*model, Image(13, 21)), .content = 7};
  const MediaExtent extent = picture.prepared.extent;
  ASSERT_EQ(picture.prepared.text.tokens, extent.height * extent.width);
  ASSERT_GT(extent.width, extent.height);
  std::vector<TokenId> tokens(static_cast<size_t>(picture.prepared.text.tokens), 50);
  tokens.insert(tokens.begin(), {1, 2});
  tokens.push_back(3);
  const auto prompt = TextPrefiller(model).prefill(
      tokens, {.pictures = {std::make_shared<const EncodedMedium>(std::move(picture))}, .sounds = {}});
  ASSERT_EQ(prompt.positions.size(), tokens.size());
  EXPECT_EQ(prompt.positions[3], (GridPosition{2, 2, 3}));
  EXPECT_EQ(prompt.positions.back(), position_in_text(2 + extent.width));
  ASSERT_EQ(prompt.deep.size(), tokens.size());
  EXPECT_EQ(prompt.deep[1], nullptr);
  EXPECT_NE(prompt.deep[2], nullptr);
  EXPECT_EQ(prompt.feed(2, 3).deep.size(), 3U);
  EXPECT_EQ(prompt.feed(2, 3).positions[1], prompt.positions[3]);
}

TEST(GridPictures, TypesSayWhatIsAPicture) {
  Tensor types;
  for (const auto& one : read_reference((kGolden / "qwen2_vl" / "reference.safetensors").string()))
    if (one.method == "forward" && one.name == "two")
      types = Tensor::from<int64_t>(one.arguments.at("input_ids").shape(),
                                    one.arguments.at("mm_token_type_ids").values<int64_t>());
  types.mutable_data<int64_t>()[0] = 2;
  expect_refused("mm_token_type_ids", types, "'mm_token_type_ids' holds 2, but only text and pictures");
}

}  // namespace
}  // namespace millrace
