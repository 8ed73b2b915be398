#include "tokenizers/streaming_detokenizer.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "tokenizers/tokenizer_json.h"

namespace millrace {
namespace {

// The tokens' texts are their own; `decoder` is a component of tokenizer.json.
std::shared_ptr<const Tokenizer> tokenizer_with(std::string_view vocabulary, std::string_view decoder) {
  return tokenizer_from_json(
      fmt::format(R"({{"model": {{"type": "BPE", "vocab": {}, "merges": []}}, "decoder": {},
      "added_tokens": [{{"id": 99, "content": "<end>", "special": true}}]}})",
                  vocabulary, decoder),
      "test");
}

constexpr std::string_view kLlama = R"({"type": "Sequence", "decoders": [
  {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
  {"type": "Strip", "content": " ", "start": 1, "stop": 0}]})";

TEST(StreamingDetokenizer, HoldsBackHalfACharacter) {
  // The bytes of U+1F600 and of "a", in GPT-2's alphabet.
  const auto tokenizer =
      tokenizer_with(R"({"ð": 0, "Ł": 1, "ĺ": 2, "Ģ": 3, "a": 4})", R"({"type": "ByteLevel"})");
  StreamingDetokenizer stream(tokenizer);
  EXPECT_EQ(stream.push(0), "");
  EXPECT_EQ(stream.push(1), "");
  EXPECT_EQ(stream.push(2), "");
  EXPECT_EQ(stream.push(3), "\U0001F600");
  EXPECT_EQ(stream.push(4), "a");
  EXPECT_EQ(stream.push(0), "");
  EXPECT_EQ(stream.push(4), std::string(utf8::kReplacement) + "a");  // it never became whole
  EXPECT_EQ(stream.push(0), "");
  EXPECT_EQ(stream.finish(), utf8::kReplacement);
  EXPECT_EQ(stream.push(4), "a");  // the next stream knows nothing of it
  EXPECT_EQ(stream.finish(), "");
}

TEST(StreamingDetokenizer, LeavesOutSpecialTokensUnlessTheyAreKept) {
  const auto tokenizer = tokenizer_with(R"({"a": 0})", R"({"type": "ByteLevel"})");
  const TokenId end = *tokenizer->id_of("<end>");
  EXPECT_EQ(StreamingDetokenizer(tokenizer).push(end), "");
  EXPECT_EQ(StreamingDetokenizer(tokenizer, true).push(end), "<end>");
}

TEST(StreamingDetokenizer, KeepsTheSpacesThatADecoderDropsAtTheStartOnly) {
  const auto tokenizer =
      tokenizer_with(R"({"▁Hello": 0, "▁world": 1, "<0xE2>": 2, "<0x82>": 3, "<0xAC>": 4, "▁": 5})", kLlama);
  StreamingDetokenizer stream(tokenizer);
  EXPECT_EQ(stream.push(0), "Hello");
  EXPECT_EQ(stream.push(1), " world");
  EXPECT_EQ(stream.push(2), "");
  EXPECT_EQ(stream.push(3), "");
  EXPECT_EQ(stream.push(4), "");  // a broken byte after it would take it back
  EXPECT_EQ(stream.push(5), "\u20AC ");
  EXPECT_EQ(stream.push(5), " ");
  EXPECT_EQ(stream.push(1), " world");
  EXPECT_EQ(stream.push(2), "");
  EXPECT_EQ(stream.finish(), utf8::kReplacement);
}

TEST(StreamingDetokenizer, JoinedItIsTheDecodedText) {
  const auto tokenizer =
      tokenizer_with(R"({"▁a": 0, "b": 1, "<0xC3>": 2, "<0xA9>": 3, "▁": 4, "▁▁": 5, "c▁": 6})", kLlama);
  uint32_t random = 1;
  for (int round = 0; round < 300; ++round) {
    std::vector<TokenId> ids;
    for (int i = 0; i < 20; ++i) {
      random = random * 1664525 + 1013904223;
      const auto id = static_cast<TokenId>(random >> 16) % 7;
      ids.push_back(id);
      if (id == 2) ids.push_back(3);
      if (id == 3) ids.back() = 1;  // bytes come as whole characters
    }
    StreamingDetokenizer stream(tokenizer);
    std::string text;
    for (const TokenId id : ids) text += stream.push(id);
    ASSERT_EQ(text + stream.finish(), tokenizer->decode(ids));
  }
}

TEST(StreamingDetokenizer, ARunOfBytesIsTextOrBrokenAsAWhole) {
  const auto tokenizer = tokenizer_with(R"({"<0xC3>": 0, "<0xA9>": 1, "<0x41>": 2, "x": 3, "▁": 4})", kLlama);
  uint32_t random = 7;
  for (int round = 0; round < 2000; ++round) {
    std::vector<TokenId> ids;
    for (int i = 0; i < 12; ++i) {
      random = random * 1664525 + 1013904223;
      ids.push_back(static_cast<TokenId>(random >> 16) % 6);  // 5 is no token
    }
    StreamingDetokenizer stream(tokenizer);
    std::string text;
    for (const TokenId id : ids) {
      const std::string part = stream.push(id);
      EXPECT_TRUE(utf8::is_valid(part));
      text += part;
    }
    ASSERT_EQ(text + stream.finish(), tokenizer->decode(ids)) << testing::PrintToString(ids);
  }
}

TEST(StreamingDetokenizer, ALongRunOfBytesIsNotHeldForEver) {
  const auto tokenizer = tokenizer_with(R"({"<0xC3>": 0, "<0xA9>": 1})", kLlama);
  StreamingDetokenizer stream(tokenizer);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += stream.push(i % 2);
  EXPECT_GT(text.size(), 900u);
  text += stream.finish();
  EXPECT_EQ(text.size(), 1000u);
  EXPECT_EQ(text.find(utf8::kReplacement), std::string::npos);
}

TEST(StreamingDetokenizer, ABrokenStreamDoesNotWaitForEver) {
  const auto tokenizer = tokenizer_with(R"({"<0xE2>": 0, "a": 1})", kLlama);
  StreamingDetokenizer stream(tokenizer);
  std::string text;
  for (int i = 0; i < 100; ++i) text += stream.push(0);
  EXPECT_GT(text.size(), 90 * utf8::kReplacement.size());
  text += stream.finish();
  EXPECT_EQ(text.size(), 100 * utf8::kReplacement.size());
}

}  // namespace
}  // namespace millrace
