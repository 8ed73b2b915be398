#include "nodes/talk_converse.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "tests/nodes/tiny_chat.h"

namespace millrace {
namespace {

class TalkConverseTest : public testing::Test {
 protected:
  TalkConverseTest() {
    resources_.emplace<ModelCache>();
    start(256, 0);
  }
  void start(int64_t answer_tokens, int64_t context_length) {
    node_ = std::make_unique<TalkConverse>(TalkConverse::Params{.model = kTinyChat,
                                                                .system = "S",
                                                                .answer_tokens = answer_tokens,
                                                                .context_length = context_length},
                                           resources_);
    state_ = node_->begin();
  }
  // The conversation that is to be answered; empty where none is.
  std::string heard(const std::string& text, const Turn& turn, bool ends = true) {
    Emit<TalkConverse::Out> emit;
    (*node_)(
        state_,
        {.heard = make_ref(Heard{.text = text, .language = {}, .utterance = {.turn = turn, .ends = ends}}),
         .answer = nullptr},
        emit);
    EXPECT_LE(emit.made().size(), 1U);
    if (emit.made().empty()) return "";
    EXPECT_EQ(emit.made().front().turn.number, turn.number);
    return emit.made().front().conversation;
  }
  void answered(const std::string& text) {
    Emit<TalkConverse::Out> emit;
    (*node_)(state_, {.heard = nullptr, .answer = make_ref(Completion{"m", {.text = text, .tokens = {}}})},
             emit);
    EXPECT_TRUE(emit.made().empty());
  }
  static std::string messages(const std::vector<std::pair<std::string, std::string>>& all) {
    auto list = nlohmann::ordered_json::array();
    list.push_back({{"role", "system"}, {"content", "S"}});
    for (const auto& [role, text] : all) list.push_back({{"role", role}, {"content", text}});
    return list.dump();
  }

  Resources resources_;
  std::unique_ptr<TalkConverse> node_;
  TalkConverse::State state_{Dialogue(""), {}};
  std::shared_ptr<Floor> floor_ = std::make_shared<Floor>();
};

TEST_F(TalkConverseTest, WhatWasSaidAndWhatWasGivenMakeTheConversation) {
  EXPECT_EQ(heard("Hi.", floor_->begin_turn()), messages({{"user", "Hi."}}));
  answered("Hel");
  EXPECT_EQ(heard("Stop.", floor_->begin_turn()),
            messages({{"user", "Hi."}, {"assistant", "Hel"}, {"user", "Stop."}}));
}

TEST_F(TalkConverseTest, TheClipsOfAnUtteranceAreOneMessage) {
  const Turn turn = floor_->begin_turn();
  EXPECT_EQ(heard("One", turn, false), "");
  EXPECT_EQ(heard("two.", turn), messages({{"user", "One two."}}));
}

TEST_F(TalkConverseTest, AnUtteranceThatANewerOneHasCancelledIsAnsweredWithThat) {
  const Turn old = floor_->begin_turn(), newer = floor_->begin_turn();
  EXPECT_EQ(heard("Wait,", old), "");
  EXPECT_EQ(heard("what?", newer), messages({{"user", "Wait, what?"}}));
}

TEST_F(TalkConverseTest, NoWordsAskForNoAnswer) {
  EXPECT_EQ(heard("", floor_->begin_turn()), "");
  const Turn old = floor_->begin_turn(), noise = floor_->begin_turn();
  EXPECT_EQ(heard("Hello?", old), "");
  EXPECT_EQ(heard("", noise), messages({{"user", "Hello?"}}));
}

TEST_F(TalkConverseTest, TheOldestTurnsGoBeforeTheContextIsFull) {
  start(20, 120);  // tokens; the tiny model has one for a letter
  std::string conversation;
  for (int i = 0; i < 200; ++i) {
    conversation = heard("question " + std::to_string(i), floor_->begin_turn());
    ASSERT_NE(conversation, "");
    answered("answer " + std::to_string(i));
  }
  EXPECT_EQ(conversation,
            messages({{"user", "question 198"}, {"assistant", "answer 198"}, {"user", "question 199"}}));
  EXPECT_LE(state_.dialogue.messages().size(), 5U);
  const std::string speech(1000, 'x');
  conversation = heard(speech + " and the end", floor_->begin_turn());
  EXPECT_EQ(conversation, messages({{"user", "and the end"}})) << "a monologue loses its beginning";
}

TEST_F(TalkConverseTest, RefusesModelsThatDoNotConverse) {
  EXPECT_THROW(
      TalkConverse({.model = MILLRACE_SOURCE_DIR "/tests/golden/causal/llama2", .system = ""}, resources_),
      Error);
}

}  // namespace
}  // namespace millrace
