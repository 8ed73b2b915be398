// Ids and texts against Hugging Face's library: tests/golden/tokenizers/tokenizer_goldens.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json_file.h"
#include "tokenizers/streaming_detokenizer.h"
#include "tokenizers/tokenizer.h"

namespace millrace {
namespace {

const std::filesystem::path kGolden = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers";

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string streamed(const std::shared_ptr<const Tokenizer>& tokenizer, const std::vector<TokenId>& ids,
                     bool keep_special) {
  StreamingDetokenizer stream(tokenizer, keep_special);
  std::string text;
  for (const TokenId id : ids) text += stream.push(id);
  return text + stream.finish();
}

void expect_cases(const std::shared_ptr<const Tokenizer>& tokenizer, const nlohmann::json& cases) {
  ASSERT_GT(cases.size(), 100u);
  for (const auto& golden : cases) {
    const auto ids = golden.at("ids").get<std::vector<TokenId>>();
    if (golden.contains("bytes")) {
      const std::string text = from_hex(golden.at("bytes"));
      EXPECT_EQ(tokenizer->encode(text, true), ids) << golden.at("bytes") << " " << text;
      EXPECT_EQ(tokenizer->encode(text, false), golden.at("plain_ids").get<std::vector<TokenId>>()) << text;
      continue;
    }
    EXPECT_EQ(tokenizer->decode(ids, false), golden.at("text")) << golden.at("ids");
    EXPECT_EQ(tokenizer->decode(ids, true), golden.at("full_text")) << golden.at("ids");
    if (!tokenizer->concatenates_bytes()) continue;
    EXPECT_EQ(streamed(tokenizer, ids, false), golden.at("text")) << golden.at("ids");
    EXPECT_EQ(streamed(tokenizer, ids, true), golden.at("full_text")) << golden.at("ids");
  }
}

class GoldenTokenizer : public testing::TestWithParam<std::string> {};

TEST_P(GoldenTokenizer, AgreesWithTheReference) {
  const auto folder = kGolden / GetParam();
  const auto cases = read_json(folder / "cases.json", ErrorKind::input, 10 << 20);
  expect_cases(load_tokenizer(folder.string()), cases);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTokenizer,
                         testing::Values("gpt2", "llama3", "llama2", "clip", "prefixed"),
                         [](const auto& info) { return info.param; });

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
    EXPECT_EQ(two->encode(from_hex(golden.at("bytes")), false),
              golden.at("plain_ids").get<std::vector<TokenId>>());
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
