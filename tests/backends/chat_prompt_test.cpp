#include "backends/chat_prompt.h"

#include <gmock/gmock.h>

#include "backends/media_prefiller.h"
#include "backends/text_prefiller.h"
#include "base/error.h"
#include "decoders/generation/runner.h"
#include "tests/backends/seeing_model.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

Json messages_of(const nlohmann::json& one) { return {{"messages", one}, {"add_generation_prompt", true}}; }

GenerationOptions greedy(int64_t tokens) {
  GenerationOptions options;
  options.max_new_tokens = options.min_new_tokens = tokens;
  options.eos_token_id = {2};
  return options;
}

// One conversation after the other with one Runner.
class Talk {
 public:
  explicit Talk(const std::shared_ptr<const LoadedModel>& model)
      : texts_(model),
        pictures_(model, int64_t{1} << 20),
        sounds_(model, int64_t{1} << 20),
        writer_(model),
        runner_({.decoder = model->text_decoder,
                 .tokenizer = model->tokenizer,
                 .batch = {.slots = 1, .max_length = 400}}) {}

  Generated answer(const nlohmann::json& messages, const GenerationOptions& options) {
    const auto prompt = writer_.write(messages_of(messages));
    EncodedMedia media;
    for (const auto& file : prompt.pictures) media.pictures.push_back(ready(pictures_.prefill(file)));
    for (const auto& file : prompt.sounds) media.sounds.push_back(ready(sounds_.prefill(file)));
    tokens = texts_.tokens(prompt.text, media, false);
    const auto text = runner_.start({.tokens = tokens, .fed = texts_.prefill(tokens, media)}, options);
    while (text->next()) {
    }
    return text->result();
  }

  std::vector<TokenId> tokens;  // of the last prompt
  int64_t encoded = 0;

 private:
  std::shared_ptr<const EncodedMedium> ready(const MediaPrefiller::Result& result) {
    encoded += result.encoded ? 1 : 0;
    return result.medium;
  }

  TextPrefiller texts_;
  ImagePrefiller pictures_;
  AudioPrefiller sounds_;
  ChatPromptWriter writer_;
  Runner runner_;
};

// Conversations as transformers' processors and models have them (make_chats.py).
class Chats : public testing::TestWithParam<std::string> {};

TEST_P(Chats, AreAsTheProcessorAndTheModelHaveThem) {
  const SeeingModel folder(GetParam());
  Talk talk(folder.load());
  const auto chats = read_chats("chats.json").at(GetParam());
  for (size_t i = 0; i < chats.size(); ++i) {
    const auto answer = talk.answer(chats[i].at("messages"), greedy(12));
    EXPECT_EQ(talk.tokens, chats[i].at("prompt_ids").get<std::vector<TokenId>>());
    EXPECT_EQ(answer.tokens, chats[i].at("generated").get<std::vector<TokenId>>());
    if (i > 0) {
      EXPECT_GT(answer.reused_tokens, 10) << "the first picture has been read";
    }
  }
  EXPECT_EQ(talk.encoded, 2);
}

INSTANTIATE_TEST_SUITE_P(ChatPrompt, Chats, testing::Values("llava", "idefics3", "gemma3", "qwen2_audio"));

nlohmann::json asked_of(const nlohmann::json& picture) {
  return nlohmann::json::array(
      {{{"role", "user"},
        {"content", nlohmann::json::array({picture, {{"type", "text"}, {"text", "what?"}}})}}});
}

TEST(ChatPrompt, AnotherPictureIsReadAnewWhateverItsTokens) {
  const SeeingModel folder("llava");
  const auto model = folder.load();
  const auto chat = read_chats("chats.json").at("llava").at(1).at("messages");
  const auto first = asked_of(chat.at(0).at("content").at(0)),
             second = asked_of(chat.at(2).at("content").at(1));
  Talk talk(model);
  const auto alone = Talk(model).answer(second, greedy(6));
  const auto before = talk.answer(first, greedy(6));
  const auto after = talk.answer(second, greedy(6));
  EXPECT_EQ(after.reused_tokens, 4) << "what stands before the picture";
  EXPECT_EQ(after.tokens, alone.tokens);
  EXPECT_NE(after.tokens, before.tokens);
  EXPECT_EQ(talk.answer(second, greedy(6)).reused_tokens, after.prompt_tokens - 1);
}

TEST(ChatPrompt, WhatSeesItselfJointlyIsKeptWholeOrNotAtAll) {
  const SeeingModel folder("gemma3");
  const auto model = folder.load();
  auto chat = read_chats("chats.json").at("gemma3").at(0).at("messages");
  Talk talk(model);
  const auto whole = talk.answer(chat, greedy(6));
  chat[0]["content"].erase(1);  // the prompt ends soon after the picture
  const auto alone = Talk(model).answer(chat, greedy(6));
  EXPECT_EQ(talk.answer(chat, greedy(6)).tokens, alone.tokens);
  EXPECT_EQ(talk.answer(chat, greedy(6)).reused_tokens, alone.prompt_tokens - 1);
  EXPECT_GT(whole.prompt_tokens, alone.prompt_tokens);
}

TEST(ChatPrompt, BeamsSeePictures) {
  const SeeingModel folder("llava");
  const auto model = folder.load();
  const auto chat = read_chats("chats.json").at("llava").at(1).at("messages");
  auto beams = greedy(6);
  beams.num_beams = 3;
  const auto first = Talk(model).answer(asked_of(chat.at(0).at("content").at(0)), beams);
  const auto second = Talk(model).answer(asked_of(chat.at(2).at("content").at(1)), beams);
  EXPECT_EQ(first.tokens.size(), 6U);
  EXPECT_NE(first.tokens, second.tokens);
}

Json one_picture() {
  return {{"type", "image_url"}, {"image_url", {{"url", MILLRACE_SOURCE_DIR "/samples/chelsea.png"}}}};
}

Json asked(Json content) {
  return {{"messages", Json::array({{{"role", "user"}, {"content", std::move(content)}}})},
          {"add_generation_prompt", true}};
}

std::string text_of(const std::string& chat_template, Json content) {
  const SeeingModel folder("llava", chat_template);
  return ChatPromptWriter(folder.load()).write(asked(std::move(content))).text;
}

Json question() { return Json::array({one_picture(), {{"type", "text"}, {"text", "what?"}}}); }

TEST(ChatPrompt, ATemplateOfTextsGetsTheMarker) {
  EXPECT_EQ(text_of("{{ messages[0].content }}!", question()), "<image>\nwhat?!");
}

TEST(ChatPrompt, ATemplateWithoutPicturesGetsTheMarker) {
  EXPECT_EQ(
      text_of("{% for part in messages[0].content %}{% if part.type == 'text' %}{{ part.text }}{% endif %}"
              "{% endfor %}",
              question()),
      "<image>\nwhat?");
}

TEST(ChatPrompt, ATextIsAListWhereTheTemplateWantsOne) {
  EXPECT_EQ(text_of("{% for part in messages[0].content %}{{ part.text }}{% endfor %}", "hi"), "hi");
}

TEST(ChatPrompt, WithoutATemplateThePicturesComeFirst) {
  EXPECT_EQ(text_of(SeeingModel::kNone, question()), "<image>what?");
}

std::string refusal(const std::string& model, const Json& content) {
  try {
    const auto loaded = std::make_shared<const LoadedModel>(load_model(model));
    ChatPromptWriter(loaded).write(asked(content));
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(ChatPrompt, RefusesPicturesWhereNobodySeesThem) {
  EXPECT_THAT(refusal(MILLRACE_SOURCE_DIR "/tests/golden/chat/tiny", question()), HasSubstr("does not see"));
}

TEST(ChatPrompt, RefusesAMarkerThatAUserWrites) {
  const SeeingModel folder("llava");
  EXPECT_THAT(refusal(folder.path(), "see <image>"), HasSubstr("has 0 pictures, but the text has 1 places"));
}

TEST(ChatPrompt, RefusesTexts) {
  const SeeingModel folder("llava");
  EXPECT_THAT(refusal(folder.path(), Json::array({{{"type", "text"}}})), HasSubstr("part 1 of message 1"));
}

}  // namespace
}  // namespace millrace
