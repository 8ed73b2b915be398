#include "tokenizers/text_batch.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::ElementsAre;

const std::string kClip = MILLRACE_SOURCE_DIR "/tests/golden/vision/clip";
constexpr int64_t kBegin = 52, kEnd = 53;  // its special tokens; letters at a word's end are from 26 on

std::vector<int64_t> ids(const Tensor& tensor) {
  return {tensor.values<int64_t>().begin(), tensor.values<int64_t>().end()};
}

TEST(TextBatch, PadsToTheLongestOrToAll) {
  const auto tokenizer = load_tokenizer(kClip);
  const std::vector<std::string> texts = {"a", "bc"};
  TextBatchOptions options{.most = 6, .pad = 7};
  auto batch = batch_of_texts(*tokenizer, texts, options);
  EXPECT_THAT(ids(batch.input_ids), ElementsAre(kBegin, 26, kEnd, 7, kBegin, 1, 28, kEnd));
  EXPECT_THAT(ids(batch.attention_mask), ElementsAre(1, 1, 1, 0, 1, 1, 1, 1));
  options.fill = options.pad_left = true;
  options.mask = false;
  batch = batch_of_texts(*tokenizer, std::span(texts).first(1), options);
  EXPECT_THAT(ids(batch.input_ids), ElementsAre(7, 7, 7, kBegin, 26, kEnd));
  EXPECT_TRUE(batch.attention_mask.empty());
}

TEST(TextBatch, CutsLongTextsBeforeTheirEndToken) {
  const auto tokenizer = load_tokenizer(kClip);
  const std::vector<std::string> texts = {"abcde"};
  EXPECT_THAT(ids(batch_of_texts(*tokenizer, texts, {.most = 4}).input_ids), ElementsAre(kBegin, 0, 1, kEnd));
  EXPECT_THAT(ids(batch_of_texts(*tokenizer, texts, {.most = 2}).input_ids), ElementsAre(kBegin, kEnd));
  EXPECT_THROW(batch_of_texts(*tokenizer, texts, {.most = 1}), Error);
}

TEST(TextBatch, GoesByTheTokenizersConfig) {
  const auto tokenizer = load_tokenizer(kClip);
  TextBatchOptions options{.most = 77};
  read_text_batch_options(kClip, *tokenizer, options);
  EXPECT_EQ(options.most, 20);
  EXPECT_EQ(options.pad, kEnd);
  EXPECT_FALSE(options.pad_left);
  EXPECT_TRUE(options.mask);

  const TemporaryFolder folder;
  folder.write("tokenizer_config.json",
               R"({"model_max_length": 1e30, "padding_side": "left", "model_input_names": ["input_ids"]})");
  options = {.most = 64};
  read_text_batch_options(folder.path(), *tokenizer, options);
  EXPECT_EQ(options.most, 64);
  EXPECT_TRUE(options.pad_left);
  EXPECT_FALSE(options.mask);

  folder.write("tokenizer_config.json", R"({"padding_side": "top"})");
  EXPECT_THROW(read_text_batch_options(folder.path(), *tokenizer, options), Error);
}

}  // namespace
}  // namespace millrace
