#include "nodes/chat_template.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "nodes/model_cache.h"
#include "tests/nodes/tiny_chat.h"

namespace millrace {
namespace {

std::string prompt_of(const std::string& conversation, const std::string& system = "") {
  Resources resources;
  resources.emplace<ModelCache>();
  const ChatTemplateNode node({.model = kTinyChat, .system = system}, resources);
  return node({.conversation = make_ref(conversation)}).prompt;
}

TEST(ChatTemplateNode, WordsAreWhatAUserSays) {
  const std::string expected = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n";
  EXPECT_EQ(prompt_of("Hi"), expected);
  EXPECT_EQ(prompt_of(R"([{"role": "user", "content": "Hi"}])"), expected);
  EXPECT_EQ(prompt_of(R"({"messages": [{"role": "user", "content": "Hi"}]})"), expected);
  EXPECT_EQ(prompt_of("[1, 2]"), "<|im_start|>user\n[1, 2]<|im_end|>\n<|im_start|>assistant\n");
}

TEST(ChatTemplateNode, ASystemMessageComesFirstUnlessThereIsOne) {
  EXPECT_TRUE(
      prompt_of("Hi", "Be brief.").starts_with("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user"));
  EXPECT_TRUE(
      prompt_of(R"([{"role": "system", "content": "S"}, {"role": "user", "content": "Hi"}])", "Be brief.")
          .starts_with("<|im_start|>system\nS<|im_end|>\n"));
}

TEST(ChatTemplateNode, AnAnswerThatIsBegunIsNotBegunAgain) {
  EXPECT_TRUE(prompt_of(R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])")
                  .ends_with("b<|im_end|>\n"));
}

TEST(ChatTemplateNode, RefusesModelsWithoutATemplate) {
  Resources resources;
  resources.emplace<ModelCache>();
  EXPECT_THROW(
      ChatTemplateNode({.model = MILLRACE_SOURCE_DIR "/tests/golden/causal/llama2", .system = ""}, resources),
      Error);
}

}  // namespace
}  // namespace millrace
