// Ids and texts against Hugging Face's library: tests/golden/tokenizers/tokenizer_goldens.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_file.h"
#include "tests/temporary_folder.h"
#include "tests/tokenizers/golden_cases.h"
#include "tokenizers/tokenizer.h"

namespace millrace {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers";

class GoldenTokenizer : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTokenizer, AgreesWithTheReference) {
  const auto folder = kGolden / GetParam();
  const auto cases = read_json(folder / "cases.json", ErrorKind::input, 10 << 20);
  expect_golden_cases(load_tokenizer(folder.string()), cases);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTokenizer,
                         testing::Values("bert", "unigram", "unigram_bytes", "words", "gpt2", "llama3",
                                         "llama2", "clip", "prefixed"),
                         [](const auto& info) { return info.param; });

// tests/golden/tokenizers/vocabulary_goldens.py: without a tokenizer.json.
INSTANTIATE_TEST_SUITE_P(Vocabularies, GoldenTokenizer,
                         testing::Values("spm_llama", "spm_llama_legacy", "spm_llama_bare", "spm_gemma",
                                         "spm_generic", "spm_generic_unigram", "spm_t5", "spm_siglip",
                                         "clip_files", "tiktoken_llama3", "gguf_llama-bpe", "gguf_gpt-4o",
                                         "gguf_tekken", "gguf_gpt-2", "gguf_spm", "gguf_phi3", "gguf_gemma"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(GoldenTokenizer, TheSeparateFilesMakeTheSameTokenizer) {
  const auto one = load_tokenizer((kGolden / "gpt2").string());
  const auto two = load_tokenizer((kGolden / "gpt2_files").string());
  EXPECT_EQ(one->size(), two->size());
  for (TokenId id = 0; id < one->size(); ++id) {
    ASSERT_EQ(one->token_bytes(id), two->token_bytes(id));
    ASSERT_EQ(one->is_special(id), two->is_special(id)) << id;
  }
  for (const auto& golden : read_json(kGolden / "gpt2" / "cases.json", ErrorKind::input, 10 << 20)) {
    if (!golden.contains("bytes")) continue;
    EXPECT_EQ(two->encode(bytes_from_hex(golden.at("bytes")), false),
              golden.at("plain_ids").get<std::vector<TokenId>>());
  }
}

// As WhisperTokenizer of transformers 5.23.0 gives them.
TEST(GoldenTokenizer, TheSeparateFilesOfAWhisperSurroundTexts) {
  const TemporaryFolder folder;
  folder.write("vocab.json", R"({"a": 0, "b": 1, "ab": 2, "<|endoftext|>": 3})");
  folder.write("merges.txt", "#version: 0.2\na b\n");
  folder.write("added_tokens.json", R"({"<|startoftranscript|>": 4, "<|notimestamps|>": 5, "<|0.00|>": 6})");
  folder.write("special_tokens_map.json",
               R"({"additional_special_tokens": ["<|startoftranscript|>", "<|notimestamps|>"],
                   "eos_token": {"content": "<|endoftext|>"}})");
  const auto encode = [&] { return load_tokenizer(folder.path().string())->encode("ab<|0.00|>", true); };
  EXPECT_EQ(encode(), (std::vector<TokenId>{2, 6}));
  for (const char* name : {"WhisperTokenizer", "WhisperTokenizerFast"}) {
    folder.write("tokenizer_config.json", fmt::format(R"({{"tokenizer_class": "{}"}})", name));
    EXPECT_EQ(encode(), (std::vector<TokenId>{4, 5, 2, 6, 3})) << name;
    const auto tokenizer = load_tokenizer(folder.path().string());
    EXPECT_EQ(tokenizer->decode(std::vector<TokenId>{4, 5, 2, 6, 3}, false), "ab<|0.00|>");
    EXPECT_TRUE(tokenizer->is_special(3));
  }
}

TEST(GoldenTokenizer, KnowsItsTokens) {
  const auto tokenizer = load_tokenizer((kGolden / "gpt2" / "tokenizer.json").string());
  const auto id = tokenizer->id_of("<s>");
  ASSERT_TRUE(id);
  EXPECT_TRUE(tokenizer->is_special(*id));
  EXPECT_FALSE(tokenizer->is_special(*tokenizer->id_of("a")));
  EXPECT_EQ(tokenizer->id_of("no such token"), std::nullopt);
  EXPECT_EQ(tokenizer->token_bytes(*tokenizer->id_of("\u0120")), " ");
  EXPECT_EQ(tokenizer->token_bytes(*tokenizer->id_of("\u00c3")), "\xC3");
  EXPECT_EQ(tokenizer->token_bytes(-1), "");
  EXPECT_EQ(tokenizer->token_bytes(1 << 30), "");
}

}  // namespace
}  // namespace millrace
