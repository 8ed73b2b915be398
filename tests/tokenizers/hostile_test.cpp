// Files and texts that nobody means well with: an Error, in linear time.
#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_file.h"
#include "tests/temporary_folder.h"
#include "tokenizers/tokenizer_json.h"

namespace millrace {
namespace {

using nlohmann::json;

const std::filesystem::path kGolden = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/tokenizers";

std::string refusal(const std::string& text) {
  try {
    tokenizer_from_json(text, "t.json");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "accepted";
}

std::string with_model(const std::string& rest) { return R"({"model": {"type": "BPE", )" + rest + "}}"; }

TEST(HostileTokenizer, EveryTruncationIsAnError) {
  const json document = {
      {"added_tokens", {{{"id", 3}, {"content", "<s>"}, {"special", true}}}},
      {"normalizer", {{"type", "NFC"}}},
      {"pre_tokenizer", {{"type", "ByteLevel"}, {"add_prefix_space", false}}},
      {"decoder", {{"type", "ByteLevel"}}},
      {"model", {{"type", "BPE"}, {"vocab", {{"a", 0}, {"b", 1}, {"ab", 2}}}, {"merges", {"a b"}}}}};
  const std::string text = document.dump();
  EXPECT_EQ(refusal(text), "accepted");
  for (size_t size = 0; size < text.size(); ++size)
    EXPECT_NE(refusal(text.substr(0, size)), "accepted") << size;
  for (size_t i = 0; i < text.size(); ++i) {  // accepted or refused, nothing else
    for (const char c : {'\0', '"', '9', '{', ']', '\xFF'}) {
      std::string changed = text;
      changed[i] = c;
      refusal(changed);
    }
  }
}

TEST(HostileTokenizer, SaysWhatIsWrongWithTheTables) {
  EXPECT_EQ(refusal("[]"), "t.json: must be an object");
  EXPECT_EQ(refusal("{}"), "t.json: has no 'model'");
  EXPECT_EQ(refusal("{\n  \"a\": }").substr(0, 14), "t.json:2:8: is");
  EXPECT_EQ(refusal(with_model(R"("merges": [])")), "t.json: model: has no 'vocab'");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": 0})")), "t.json: model: has no 'merges'");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": -1}, "merges": [])")),
            "t.json: token 'a' has the id -1; ids go from 0 to 16777215");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": 99999999999}, "merges": [])")),
            "t.json: token 'a' has the id 99999999999; ids go from 0 to 16777215");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": 18446744073709551615}, "merges": [])")), "accepted");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": 0.5}, "merges": [])")), "accepted");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": "b"}, "merges": [])")), "accepted");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": {}}, "merges": [])")), "accepted");
  EXPECT_NE(refusal(with_model(R"("vocab": [["a", 0]], "merges": [])")), "accepted");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": 0}, "vocab": {"a": 0}, "merges": [])")), "accepted");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": 0}, "merges": ["a b"])")),
            "t.json: model: merge 0 needs the token 'b', which the vocabulary lacks");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": 0}, "merges": ["a a a"])")),
            "t.json: merge 0 is 'a a a', which is not two tokens and a space");
  EXPECT_EQ(refusal(with_model(R"("vocab": {"a": 0}, "merges": [["a", "a", "a"]])")),
            "t.json: 'model.merges' has an entry of 3 tokens, not 2");
  EXPECT_NE(refusal(with_model(R"("vocab": {"a": 0}, "merges": [1])")), "accepted");
  EXPECT_EQ(refusal(R"({"model": {"type": "BPQ", "vocab": {"a": 0}, "merges": []}})"),
            "t.json: model: the model type 'BPQ' is not known (did you mean 'BPE'?)");
  EXPECT_EQ(refusal(R"({"x": 1, "x": 2})"), "t.json: has the key 'x' twice in one object");
}

TEST(HostileTokenizer, RefusesDeepNestingAndHugePatterns) {
  EXPECT_EQ(refusal("{\"a\": " + std::string(100'000, '[')), "t.json: is nested more than 64 deep");
  const std::string vocabulary = R"("model": {"type": "BPE", "vocab": {}, "merges": []})";
  const auto split = [&](const std::string& pattern) {
    const json pre = {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}};
    return refusal("{" + vocabulary + ", \"pre_tokenizer\": " + pre.dump() + "}");
  };
  EXPECT_EQ(split("a"), "accepted");
  EXPECT_NE(split(std::string(100'000, 'a')), "accepted");
  EXPECT_NE(split(std::string(30'000, '(')), "accepted");
  EXPECT_NE(split(std::string(30'000, '[')), "accepted");
  EXPECT_NE(split("(((a{1000}){1000}){1000})"), "accepted");
}

TEST(HostileTokenizer, ARunawayPatternEndsInAnError) {
  const auto tokenizer = tokenizer_from_json(
      R"({"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "pre_tokenizer":
          {"type": "Split", "pattern": {"Regex": "(a+)+$"}, "behavior": "Isolated"}})",
      "t.json");
  EXPECT_THROW(tokenizer->encode(std::string(40, 'a') + "b"), Error);
  EXPECT_EQ(tokenizer->encode("aaa"), (std::vector<TokenId>{0, 0, 0}));
}

TEST(HostileTokenizer, LongRunsTakeLinearTime) {
  const auto tokenizer = tokenizer_from_json(
      read_text(kGolden / "llama3" / "tokenizer.json", ErrorKind::model, 1 << 20), "llama3");
  for (const std::string unit : {"a", " ", "ab", " \n", ".", "\u00e9", "<", "<s>", "a  "}) {
    const auto seconds_for = [&](size_t bytes) {
      std::string text;
      while (text.size() < bytes) text += unit;
      const std::clock_t begin = std::clock();  // of the processor: others may be using the machine
      tokenizer->encode(text, false);
      return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    const double small = seconds_for(20'000), large = seconds_for(200'000);
    EXPECT_LT(large, 60 * small + 0.5) << '"' << unit << '"';  // quadratic would be 100 times and seconds
  }
}

TEST(HostileTokenizer, AFolderWithoutATokenizerSaysSo) {
  const TemporaryFolder folder;
  EXPECT_THROW(load_tokenizer(folder.path().string()), Error);
  folder.write("vocab.json", R"({"a": 0})");
  folder.write("merges.txt", "#version: 0.2\na b\n");
  try {
    load_tokenizer(folder.path().string());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), (folder.path() / "merges.txt").string());
  }
  folder.write("merges.txt", "");
  EXPECT_EQ(load_tokenizer(folder.path().string())->size(), 1);
  folder.write("tokenizer_config.json", R"({"added_tokens_decoder": {"7": {"content": "x"}}})");
  EXPECT_THROW(load_tokenizer(folder.path().string()), Error);  // 7 is not its place
  folder.write("tokenizer_config.json", R"({"added_tokens_decoder": {"-7": {"content": "x"}}})");
  EXPECT_THROW(load_tokenizer(folder.path().string()), Error);
  folder.write("tokenizer_config.json", R"({"added_tokens_decoder": {"1": {"content": "x"}}})");
  EXPECT_EQ(load_tokenizer(folder.path().string())->encode("ax"), (std::vector<TokenId>{0, 1}));
}

}  // namespace
}  // namespace millrace
