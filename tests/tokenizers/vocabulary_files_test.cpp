// Vocabularies that come as SentencePiece, tiktoken or GGUF files. Their ids are golden_test.cpp's.
#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "base/json_file.h"
#include "tests/temporary_folder.h"
#include "tokenizers/sentencepiece_file.h"
#include "tokenizers/tiktoken_file.h"
#include "tokenizers/tokenizer.h"
#include "tokenizers/word_patterns.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kGolden = fs::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers";

template <class Read>
std::string refusal(Read&& read) {
  try {
    read();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model) << error.what();
    return error.what();
  }
  return "none";
}

TEST(VocabularyFiles, EveryTruncationOfASentencePieceFileIsRefusedOrRead) {
  const std::string whole = read_text(kGolden / "spm_llama" / "tokenizer.model", ErrorKind::model, 10 << 20);
  for (size_t size = 0; size < 2000; ++size)
    refusal([&] { tokenizer_from_sentencepiece(whole.substr(0, size), "m", {}); });
  std::string damaged = whole;
  for (size_t at = 0; at < 2000; ++at) {
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    refusal([&] { tokenizer_from_sentencepiece(damaged, "m", {}); });
    damaged[at] = whole[at];
  }
  EXPECT_THAT(refusal([] { tokenizer_from_sentencepiece("\x0A\x7Fx", "m", {}); }), HasSubstr("m @ byte 2"));
  EXPECT_THAT(refusal([] { tokenizer_from_sentencepiece("", "m", {}); }),
              HasSubstr("neither a SentencePiece"));
}

TEST(VocabularyFiles, TiktokenLinesAreCheckedAndGapsFilled) {
  EXPECT_TRUE(is_tiktoken("YQ== 0\nYg== 1\n"));
  EXPECT_FALSE(is_tiktoken("a 0"));
  EXPECT_FALSE(is_tiktoken(""));
  EXPECT_THAT(refusal([] { tokenizer_from_tiktoken("YQ== 0\nYg==\n", "t", {}); }), HasSubstr("t:2: "));
  EXPECT_THAT(refusal([] { tokenizer_from_tiktoken("YQ== -1\n", "t", {}); }), HasSubstr("t:1: "));
  TokenizerConfig config;
  config.numbered.emplace_back(5, AddedToken{.content = "<end>", .normalized = false, .special = true});
  const auto tokenizer = tokenizer_from_tiktoken("YQ== 0\r\nYg== 1\r\nYWI= 2\r\n", "t", config);
  EXPECT_THAT(tokenizer->encode("ab<end>ba<|reserved_token_4|>"), ElementsAre(2, 5, 1, 0, 4));
  EXPECT_EQ(tokenizer->size(), 6);
}

TEST(VocabularyFiles, AFolderWithOneGgufFileOrTheFileItself) {
  const auto one = load_tokenizer((kGolden / "gguf_spm").string());
  const auto two = load_tokenizer((kGolden / "gguf_spm" / "model.gguf").string());
  EXPECT_EQ(one->encode("Hello"), two->encode("Hello"));
  TemporaryFolder folder;
  const auto renamed = folder.path() / "model.bin";
  std::filesystem::copy_file(kGolden / "gguf_spm" / "model.gguf", renamed);
  EXPECT_EQ(one->encode("Hello"), load_tokenizer(renamed.string())->encode("Hello"));
  EXPECT_EQ(one->special_token("eos_token"), "</s>");
  EXPECT_EQ(one->id_of(*one->special_token("bos_token")), 1);
  EXPECT_EQ(one->special_token("mask_token"), std::nullopt);
  EXPECT_EQ(load_tokenizer((kGolden / "spm_llama").string())->special_token("unk_token"), "<unk>");
}

TEST(VocabularyFiles, EveryKnownPatternCompilesAndUnknownOnesAreNamed) {
  for (const char* pre :
       {"default", "llama-bpe",    "deepseek-llm", "deepseek-coder", "deepseek-v3", "falcon",
        "falcon3", "mpt",          "starcoder",    "gpt-2",          "refact",      "command-r",
        "qwen2",   "qwen35",       "olmo",         "dbrx",           "smollm",      "codeshell",
        "bloom",   "gpt3-finnish", "phi-2",        "stablelm2",      "chatglm-bpe", "glm4",
        "viking",  "tekken",       "gpt-4o",       "superbpe",       "exaone",      "lfm2",
        "kimi-k2"}) {
    const auto document = byte_level_document(byte_level_rules(pre));
    const auto cutter = make_pre_tokenizer({document.at("pre_tokenizer"), pre});
    for (const char* unit : {"a", " ", ".", "7", "\n", "\u4f60", "e\u0301"}) {
      Pieces pieces(1);
      while (pieces[0].text.size() < 50'000) pieces[0].text += unit;
      EXPECT_NO_THROW(cutter->apply(pieces)) << pre << " '" << unit << "'";
    }
    Pieces pieces = {{"abc 123 don't", -1, 1}};
    cutter->apply(pieces);
    EXPECT_GT(pieces.size(), 2u) << pre;
  }
  EXPECT_THAT(refusal([] { byte_level_rules("lama-bpe"); }), HasSubstr("did you mean 'llama-bpe'"));
}

}  // namespace
}  // namespace millrace
