#include "tokenizers/chat_template.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using nlohmann::ordered_json;

const ordered_json kUser = {{"messages", ordered_json::array({{{"role", "user"}, {"content", "Hi"}}})}};
ordered_json with_tools() {
  ordered_json variables = kUser;
  variables["tools"] = ordered_json::array({{{"name", "f"}}});
  return variables;
}
std::string load_and_render(const TemporaryFolder& folder, const ordered_json& variables = kUser) {
  return ChatTemplate::load(folder.path()).render(variables);
}

TEST(ChatTemplate, IsFoundWhereverAModelHasIt) {
  const TemporaryFolder folder;
  folder.write("tokenizer_config.json", R"({"chat_template": "config {{ bos_token }}", "bos_token": "<s>"})");
  EXPECT_EQ(load_and_render(folder), "config <s>");
  folder.write("chat_template.json", R"({"chat_template": "legacy {{ bos_token }}"})");
  EXPECT_EQ(load_and_render(folder), "legacy <s>");
  folder.write("chat_template.jinja", "file {{ bos_token }}\n");
  EXPECT_EQ(load_and_render(folder), "file <s>");
  std::filesystem::create_directory(folder.path() / "additional_chat_templates");
  folder.write("additional_chat_templates/tool_use.jinja", "tools {{ tools|length }}");
  EXPECT_EQ(load_and_render(folder), "file <s>");
  EXPECT_EQ(load_and_render(folder, with_tools()), "tools 1");
}

TEST(ChatTemplate, OneOfSeveralInAConfiguration) {
  const TemporaryFolder folder;
  folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "plain"},
      {"name": "tool_use", "template": "with tools"}, {"name": "rag", "template": "{% unused"}]})");
  EXPECT_EQ(load_and_render(folder), "plain");
  EXPECT_EQ(load_and_render(folder, with_tools()), "with tools");
}

TEST(ChatTemplate, TokensAreVariablesThatOthersReplace) {
  const TemporaryFolder folder;
  folder.write("chat_template.jinja",
               "{{ bos_token }}{{ eos_token }}{{ pad_token is defined }}{{ image_token }}");
  folder.write("special_tokens_map.json", R"({"eos_token": {"content": "</s>"}, "bos_token": "<old>"})");
  folder.write(
      "tokenizer_config.json",
      R"({"bos_token": {"content": "<s>"}, "pad_token": null, "extra_special_tokens": {"image_token": "<i>"}})");
  EXPECT_EQ(load_and_render(folder), "<s></s>False<i>");
  EXPECT_EQ(load_and_render(folder, {{"bos_token", "!"}}), "!</s>False<i>");
}

TEST(ChatTemplate, VariablesAreAsInTransformers) {
  const auto chat = ChatTemplate::from_text(
      "{{ tools is none }} {{ documents is none }} {{ add_generation_prompt }} {{ messages is defined }} {{ "
      "more }}",
      "t");
  EXPECT_EQ(chat.render({{"more", {{"z", 1}, {"a", 2}}}}), "True True False False {'z': 1, 'a': 2}");
  const auto messages = ChatTemplate::from_text("{{ messages }}", "t");
  EXPECT_EQ(
      messages.render({{"messages", ordered_json::array({{{"content", nullptr}, {"reasoning", "r"}}})}}),
      "[{'thinking': 'r', 'reasoning': 'r', 'reasoning_content': 'r'}]");
}

TEST(ChatTemplate, RefusesFoldersWithout) {
  const TemporaryFolder folder;
  try {
    ChatTemplate::load(folder.path());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
  }
  folder.write("tokenizer_config.json", R"({"chat_template": 5})");
  EXPECT_THROW(ChatTemplate::load(folder.path()), Error);
}

}  // namespace
}  // namespace millrace
