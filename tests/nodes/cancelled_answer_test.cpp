#include <gtest/gtest.h>

#include <functional>

#include "nodes/model_cache.h"
#include "nodes/text_decode.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/nodes/tiny_chat.h"

// How a newer turn ends what text.decode writes: to the token.
namespace millrace {
namespace {

using testing::ScriptedDecoder;

constexpr TokenId kLetter = 68;  // of the tiny tokenizer

// Writes one letter after another without end; `at_step` is called in each step of the decoder.
class CancelledAnswerTest : public ::testing::Test {
 protected:
  CancelledAnswerTest() {
    LoadedModel model = *resources_.emplace<ModelCache>().get(kTinyChat);
    ScriptedDecoder::Script script;
    script.vocabulary = model.text_decoder->vocabulary();
    script.attends = false;
    script.logits = [this, size = static_cast<size_t>(script.vocabulary)](int, std::span<const TokenId>) {
      if (at_step) at_step(++steps_);
      std::vector<float> logits(size, 0.f);
      logits[kLetter] = 1;
      return logits;
    };
    decoder_ = std::make_shared<ScriptedDecoder>(std::move(script));
    model.text_decoder = decoder_;
    resources_.get<ModelCache>().add("letters", std::make_shared<const LoadedModel>(std::move(model)));
  }
  TextDecode node(int64_t beams = 1) {
    TextDecode::Params params;
    params.model = "letters";
    params.max_new_tokens = 20;
    params.sequences = 1;
    params.num_beams = beams;
    return TextDecode(params, resources_);
  }
  // What comes out for a prompt: pieces together, and the completion.
  std::pair<std::string, Completion> answer(const TextDecode& node, std::vector<TokenId> prompt,
                                            Ref<Turn> turn) {
    auto state =
        node.begin({.tokens = make_ref(TokenIds{std::move(prompt)}), .embeddings = nullptr, .turn = turn});
    Emit<TextDecode::Out> emit;
    while (node.next(state, emit)) {
    }
    std::string text;
    for (const auto& out : emit.made())
      if (out.piece) {
        text += out.piece->text;
        EXPECT_EQ(out.piece->turn, turn);
      }
    EXPECT_EQ(emit.made().back().piece->completion, emit.made().back().completion);
    return {text, *emit.made().back().completion};
  }

  Resources resources_;
  std::shared_ptr<ScriptedDecoder> decoder_;
  std::function<void(int step)> at_step;
  int steps_ = 0;
  std::shared_ptr<Floor> floor_ = std::make_shared<Floor>();
};

TEST_F(CancelledAnswerTest, StopsWithTheTokenThatIsBeingComputed) {
  const TextDecode node = this->node();
  at_step = [&](int step) {
    if (step == 5) floor_->begin_turn();
  };
  const auto [text, completion] = answer(node, {5, 6, 7}, make_ref(floor_->begin_turn()));
  EXPECT_EQ(steps_, 5);
  EXPECT_EQ(completion.generated.reason, FinishReason::cancelled);
  EXPECT_EQ(completion.generated.tokens.size(), 4U);
  EXPECT_EQ(completion.generated.text, text);
  EXPECT_EQ(text.size(), 4U);
}

TEST_F(CancelledAnswerTest, WhatWasComputedServesTheNextTurn) {
  const TextDecode node = this->node();
  at_step = [&](int step) {
    if (step == 5) floor_->begin_turn();
  };
  answer(node, {5, 6, 7}, make_ref(floor_->begin_turn()));
  const auto [text, completion] =
      answer(node, {5, 6, 7, kLetter, kLetter, kLetter, kLetter, 9}, make_ref(floor_->begin_turn()));
  EXPECT_EQ(completion.generated.reused_tokens, 7);
  EXPECT_EQ(completion.generated.reason, FinishReason::length);
  EXPECT_EQ(text.size(), 20U);
}

TEST_F(CancelledAnswerTest, AnOldTurnPassesThroughWithoutAStep) {
  const TextDecode node = this->node();
  const auto old = make_ref(floor_->begin_turn());
  floor_->begin_turn();
  const std::vector<TokenId> too_long(1000, 5);
  const auto [text, completion] = answer(node, too_long, old);
  EXPECT_EQ(steps_, 0);
  EXPECT_EQ(text, "");
  EXPECT_EQ(completion.generated.reason, FinishReason::cancelled);
  EXPECT_EQ(completion.turn, old);
}

TEST_F(CancelledAnswerTest, BeamsStopWithinAStep) {
  const TextDecode node = this->node(3);
  size_t calls = 0;
  at_step = [&](int) {
    if (decoder_->calls.size() == 4 && calls == 0) {
      calls = 4;
      floor_->begin_turn();
    }
  };
  const auto [text, completion] = answer(node, {5, 6, 7}, make_ref(floor_->begin_turn()));
  EXPECT_EQ(completion.generated.reason, FinishReason::cancelled);
  EXPECT_EQ(text, "");
  EXPECT_EQ(decoder_->calls.size(), 5U);
}

TEST_F(CancelledAnswerTest, OtherConversationsGoOn) {
  const TextDecode node = this->node();
  const auto other = std::make_shared<Floor>();
  at_step = [&](int step) {
    if (step == 5) other->begin_turn();
  };
  other->begin_turn();
  const auto [text, completion] = answer(node, {5, 6, 7}, make_ref(floor_->begin_turn()));
  EXPECT_EQ(completion.generated.reason, FinishReason::length);
  EXPECT_EQ(text.size(), 20U);
}

}  // namespace
}  // namespace millrace
