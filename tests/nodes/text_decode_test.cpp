#include "nodes/text_decode.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "nodes/model_token_embedding.h"
#include "tests/nodes/tiny_chat.h"

namespace millrace {
namespace {

struct Said {
  std::string pieces;
  Generated whole;
};

class TextDecodeTest : public testing::Test {
 protected:
  TextDecodeTest() { resources_.emplace<ModelCache>(); }

  Said said(const TextDecode& node, const std::vector<TokenId>& prompt,
            Ref<TokenEmbeddings> embeddings = nullptr) {
    Said result;
    auto state = node.begin({.tokens = make_ref(TokenIds{prompt}), .embeddings = std::move(embeddings)});
    Emit<TextDecode::Out> emit;
    while (node.next(state, emit)) {
    }
    for (const auto& out : emit.made()) {
      if (out.piece) result.pieces += out.piece->text;
      if (out.completion) result.whole = out.completion->generated;
    }
    return result;
  }
  TextDecode::Params params() const {
    TextDecode::Params params;
    params.model = kTinyChat;
    params.max_new_tokens = 12;
    return params;
  }

  Resources resources_;
};

TEST_F(TextDecodeTest, PiecesMakeTheWhole) {
  const TextDecode node(params(), resources_);
  const auto result = said(node, {5, 6, 7});
  EXPECT_EQ(result.pieces, result.whole.text);
  EXPECT_EQ(result.whole.prompt_tokens, 3);
  EXPECT_LE(result.whole.tokens.size(), 12U);
  EXPECT_EQ(result.whole.reason == FinishReason::stop, result.whole.tokens.back() == 1);
}

TEST_F(TextDecodeTest, EmbeddingsOfTheTokensChangeNothing) {
  const TextDecode node(params(), resources_);
  const ModelTokenEmbedding embedding({.model = kTinyChat}, resources_);
  const std::vector<TokenId> prompt = {9, 8, 7, 6};
  const auto embeddings = embedding({.tokens = make_ref(TokenIds{prompt})}).embeddings;
  EXPECT_EQ(said(node, prompt).whole.tokens, said(node, prompt, make_ref(embeddings)).whole.tokens);
}

TEST_F(TextDecodeTest, AConversationThatGoesOnIsNotReadAgain) {
  const TextDecode node(params(), resources_);
  said(node, {9, 8, 7, 6});
  EXPECT_EQ(said(node, {9, 8, 7, 6, 5}).whole.reused_tokens, 4);
}

TEST_F(TextDecodeTest, TextsHaveTheFormThatIsAskedFor) {
  auto wanted = params();
  wanted.max_new_tokens = 200;
  wanted.json_schema =
      R"({"type": "object", "properties": {"a": {"type": "integer", "maximum": 99, "minimum": 0},
                                                             "b": {"enum": ["x", "y"]}}, "required": ["a", "b"]})";
  wanted.temperature = 1;
  for (int64_t seed = 0; seed < 5; ++seed) {
    wanted.seed = seed;
    const auto text = said(TextDecode(wanted, resources_), {5}).whole.text;
    const auto value = nlohmann::json::parse(text, nullptr, false);
    ASSERT_TRUE(value.is_object()) << text;
    EXPECT_TRUE(value["a"].is_number_integer() && (value["b"] == "x" || value["b"] == "y")) << text;
  }
  auto matching = params();
  matching.regex = "[ab]{3}c";
  EXPECT_EQ(said(TextDecode(matching, resources_), {5}).whole.text.size(), 4U);
  matching.json_schema = "{}";
  EXPECT_THROW(TextDecode(matching, resources_), Error);
  matching.regex = "(";
  matching.json_schema = "";
  EXPECT_THROW(TextDecode(matching, resources_), Error);
}

TEST_F(TextDecodeTest, StopsBeforeAStopString) {
  const auto whole = said(TextDecode(params(), resources_), {5, 6, 7}).whole.text;
  ASSERT_GT(whole.size(), 3U);
  auto stopping = params();
  stopping.stop_strings = {whole.substr(2, 1)};
  const auto stopped = said(TextDecode(stopping, resources_), {5, 6, 7});
  EXPECT_EQ(stopped.pieces, whole.substr(0, whole.find(whole[2])));
  EXPECT_EQ(stopped.whole.reason, FinishReason::stop);
}

TEST_F(TextDecodeTest, BeamsFindATextAtLeastAsLikely) {
  auto beams = params();
  beams.num_beams = 3;
  const auto result = said(TextDecode(beams, resources_), {5, 6, 7});
  EXPECT_EQ(result.pieces, result.whole.text);
  EXPECT_FALSE(result.whole.tokens.empty());
}

TEST_F(TextDecodeTest, RefusesWhatDoesNotFit) {
  auto small = params();
  small.context_length = 8;
  const TextDecode node(small, resources_);
  EXPECT_THROW(said(node, std::vector<TokenId>(8, 3)), Error);
  EXPECT_THROW(said(node, {}), Error);
}

}  // namespace
}  // namespace millrace
