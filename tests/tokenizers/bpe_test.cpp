#include "tokenizers/bpe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;

Vocabulary vocabulary_of(std::initializer_list<std::string_view> tokens) {
  Vocabulary vocabulary;
  for (const auto token : tokens) vocabulary.add(token, static_cast<int64_t>(vocabulary.count()));
  return vocabulary;
}

std::vector<TokenId> ids_of(const Bpe& model, std::string_view word) {
  std::vector<TokenId> ids;
  model.tokenize(word, ids);
  return ids;
}

TEST(Bpe, TheEarliestMergeGoesFirstThenTheLeftmost) {
  const Bpe model(vocabulary_of({"a", "b", "c", "bc", "ab", "aa"}), {{"b", "c"}, {"a", "b"}, {"a", "a"}}, {});
  EXPECT_THAT(ids_of(model, "abc"), ElementsAre(0, 3));  // bc before ab
  EXPECT_THAT(ids_of(model, "ab"), ElementsAre(4));
  EXPECT_THAT(ids_of(model, "aaa"), ElementsAre(5, 0));  // from the left
}

TEST(Bpe, UnknownCharactersAreOneTokenEachOrFused) {
  const auto make = [](bool fuse) {
    return Bpe(vocabulary_of({"<unk>", "a"}), {}, {.unknown = "<unk>", .fuse_unknown = fuse});
  };
  EXPECT_THAT(ids_of(make(false), "a\u00e9\u00e9"), ElementsAre(1, 0, 0));
  EXPECT_THAT(ids_of(make(true), "a\u00e9\u00e9"), ElementsAre(1, 0));
  EXPECT_THAT(ids_of(Bpe(vocabulary_of({"a"}), {}, {}), "a\u00e9"),
              ElementsAre(0));  // no such token: left out
}

TEST(Bpe, BytesStandInForUnknownCharacters) {
  const Bpe model(vocabulary_of({"<unk>", "<0xC3>", "<0xA9>"}), {},
                  {.unknown = "<unk>", .byte_fallback = true});
  EXPECT_THAT(ids_of(model, "\u00e9"), ElementsAre(1, 2));
  EXPECT_THAT(ids_of(model, "x"), ElementsAre(0));
}

TEST(Bpe, PrefixAndSuffixMarkThePlaceInTheWord) {
  const Bpe model(vocabulary_of({"a", "##b", "##b</w>", "a</w>", "ab</w>"}), {{"a", "##b</w>"}},
                  {.continuing_prefix = "##", .end_suffix = "</w>"});
  EXPECT_THAT(ids_of(model, "ab"), ElementsAre(4));
  EXPECT_THAT(ids_of(model, "a"), ElementsAre(3));
  EXPECT_THAT(ids_of(model, "abb"), ElementsAre(0, 1, 2));
}

TEST(Bpe, AWordThatIsATokenStaysWholeWhereMergesAreIgnored) {
  EXPECT_THAT(ids_of(Bpe(vocabulary_of({"a", "b", "ab"}), {}, {.ignore_merges = true}), "ab"),
              ElementsAre(2));
  EXPECT_THAT(ids_of(Bpe(vocabulary_of({"a", "b", "ab"}), {}, {}), "ab"), ElementsAre(0, 1));
}

TEST(Bpe, RefusesMergesOfWhatItDoesNotHave) {
  EXPECT_THROW(Bpe(vocabulary_of({"a", "b"}), {{"a", "b"}}, {}), Error);
  EXPECT_THROW(Bpe(vocabulary_of({"a", "b"}), {{"a", "x"}}, {}), Error);
}

TEST(Vocabulary, KeepsBothDirections) {
  Vocabulary vocabulary = vocabulary_of({"a", "", "bc"});
  EXPECT_EQ(vocabulary.id_of(""), 1);
  EXPECT_EQ(vocabulary.token_of(2), "bc");
  EXPECT_EQ(vocabulary.id_of("x"), std::nullopt);
  EXPECT_EQ(vocabulary.token_of(3), std::nullopt);
  EXPECT_EQ(vocabulary.token_of(-1), std::nullopt);
  EXPECT_THROW(vocabulary.add("x", -1), Error);
  EXPECT_THROW(vocabulary.add("x", Vocabulary::kMostId + 1), Error);
  for (int i = 0; i < 10'000; ++i) vocabulary.add(std::to_string(i), 10 + i);
  EXPECT_EQ(vocabulary.id_of("9999"), 10'009);
  EXPECT_EQ(vocabulary.token_of(10), "0");
}

}  // namespace
}  // namespace millrace
