#include "backends/chat_prompt.h"

#include <gmock/gmock.h>

#include "backends/text_prefiller.h"
#include "decoders/generation/runner.h"
#include "tests/backends/seeing_model.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

Json messages_of(const nlohmann::json& one) { return {{"messages", one}, {"add_generation_prompt", true}}; }

// Conversations as transformers' processors and models have them (make_chats.py).
class Chats : public testing::TestWithParam<std::string> {};

TEST_P(Chats, AreAsTheProcessorAndTheModelHaveThem) {
  const SeeingModel folder(GetParam());
  const auto model = folder.load();
  const ChatPromptWriter writer(model);
  const TextPrefiller texts(model);
  ImagePrefiller pictures(model, int64_t{1} << 20);
  Runner runner({.decoder = model->text_decoder, .tokenizer = model->tokenizer, .batch = {.slots = 1}});
  int64_t encoded = 0;
  const auto chats = read_chats("chats.json").at(GetParam());
  for (const auto& chat : chats) {
    const auto prompt = writer.write(messages_of(chat.at("messages")));
    PromptMedia media;
    for (const auto& file : prompt.pictures) {
      const auto result = pictures.prefill(file);
      encoded += result.encoded ? 1 : 0;
      media.pictures.push_back(result.picture);
    }
    const auto tokens = texts.tokens(prompt.text, media, false);
    EXPECT_EQ(tokens, chat.at("prompt_ids").get<std::vector<TokenId>>());
    const auto text = runner.start({.tokens = tokens, .fed = texts.prefill(tokens, media)},
                                   {.max_new_tokens = 12, .min_new_tokens = 12, .eos_token_id = {2}});
    while (text->next()) {
    }
    EXPECT_EQ(text->result().tokens, chat.at("generated").get<std::vector<TokenId>>());
    if (chats.size() > 1 && &chat == &chats.back()) {
      EXPECT_GT(text->result().reused_tokens, 10) << "the first picture is in the cache";
    }
  }
  EXPECT_EQ(encoded, 2);
}

INSTANTIATE_TEST_SUITE_P(ChatPrompt, Chats, testing::Values("llava", "idefics3", "gemma3"));

// One conversation after the other with one Runner.
class Talk {
 public:
  explicit Talk(std::shared_ptr<const LoadedModel> model)
      : texts_(model),
        pictures_(model, int64_t{1} << 20),
        writer_(model),
        runner_({.decoder = model->text_decoder, .tokenizer = model->tokenizer, .batch = {.slots = 1}}) {}

  Generated answer(const nlohmann::json& messages, const GenerationOptions& options = {.max_new_tokens = 6}) {
    const auto prompt = writer_.write(messages_of(messages));
    PromptMedia media;
    for (const auto& file : prompt.pictures) media.pictures.push_back(pictures_.prefill(file).picture);
    const auto tokens = texts_.tokens(prompt.text, media, false);
    const auto text = runner_.start({.tokens = tokens, .fed = texts_.prefill(tokens, media)}, options);
    while (text->next()) {
    }
    return text->result();
  }

 private:
  TextPrefiller texts_;
  ImagePrefiller pictures_;
  ChatPromptWriter writer_;
  Runner runner_;
};

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
  const auto alone = Talk(model).answer(second);
  const auto before = talk.answer(first);
  const auto after = talk.answer(second);
  EXPECT_EQ(after.reused_tokens, 4) << "what stands before the picture";
  EXPECT_EQ(after.tokens, alone.tokens);
  EXPECT_NE(after.tokens, before.tokens);
  EXPECT_EQ(talk.answer(second).reused_tokens, after.prompt_tokens - 1);
}

TEST(ChatPrompt, WhatSeesItselfJointlyIsKeptWholeOrNotAtAll) {
  const SeeingModel folder("gemma3");
  const auto model = folder.load();
  auto chat = read_chats("chats.json").at("gemma3").at(0).at("messages");
  Talk talk(model);
  const auto whole = talk.answer(chat);
  chat[0]["content"].erase(1);  // the prompt ends soon after the picture
  const auto alone = Talk(model).answer(chat);
  EXPECT_EQ(talk.answer(chat).tokens, alone.tokens);
  EXPECT_EQ(talk.answer(chat).reused_tokens, alone.prompt_tokens - 1);
  EXPECT_GT(whole.prompt_tokens, alone.prompt_tokens);
}

TEST(ChatPrompt, BeamsSeePictures) {
  const SeeingModel folder("llava");
  const auto model = folder.load();
  const auto chat = read_chats("chats.json").at("llava").at(1).at("messages");
  const GenerationOptions beams{.max_new_tokens = 6, .num_beams = 3};
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
