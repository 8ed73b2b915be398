#include "backends/message_media.h"

#include <gmock/gmock.h>

#include "base/base64.h"
#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

const std::string kPng = "\x89PNG\r\n\x1a\n and more";
const std::string kWav = std::string("RIFF\0\0\0\0WAVEfmt ", 16);

Json picture(const std::string& url) { return {{"type", "image_url"}, {"image_url", {{"url", url}}}}; }
Json sound(const std::string& data, const std::string& format) {
  return {{"type", "input_audio"}, {"input_audio", {{"data", data}, {"format", format}}}};
}

TEST(MessageMedia, ReadsWhatOpenAiWrites) {
  const auto png = message_media(picture("data:image/png;base64," + encode_base64(kPng)), "here");
  EXPECT_EQ(png->kind, MessageMedia::Kind::picture);
  EXPECT_EQ(png->file.bytes, kPng);
  EXPECT_EQ(png->file.name, "here");
  const auto wav = message_media(sound(encode_base64(kWav), "wav"), "here");
  EXPECT_EQ(wav->kind, MessageMedia::Kind::sound);
  EXPECT_EQ(wav->file.bytes, kWav);
  EXPECT_FALSE(message_media({{"type", "text"}, {"text", "a"}}, "here"));
}

TEST(MessageMedia, ReadsFiles) {
  const TemporaryFolder folder;
  const auto path = folder.write("a.png", kPng).string();
  for (const auto& part : {picture(path), picture("file://" + path), Json{{"type", "image"}, {"path", path}},
                           Json{{"type", "input_image"}, {"image_url", path}},
                           Json{{"type", "image"}, {"base64", encode_base64(kPng)}}})
    EXPECT_EQ(message_media(part, "here")->file.bytes, kPng) << part;
  EXPECT_EQ(message_media(picture(path), "here")->file.name, path);
}

struct Refused {
  Json part;
  const char* words;
};

TEST(MessageMedia, SaysWhatIsWrong) {
  const auto png = encode_base64(kPng);
  const std::vector<Refused> cases = {
      {picture("https://example.org/a.png"), "is not fetched"},
      {picture("data:image/png;base64,a!=="), "is not base64"},
      {picture("data:image/png;base64,"), "is an empty picture"},
      {picture("data:image/png," + png), "doesn't begin as data:TYPE;base64,"},
      {picture("data:image/jpeg;base64," + png), "is said to be image/jpeg, but is a PNG picture"},
      {picture("data:audio/wav;base64," + png), "but a picture is wanted"},
      {picture("/nowhere/a.png"), "/nowhere/a.png"},
      {sound(encode_base64(kWav), "mp3"), "is said to be audio/mp3, but is a WAV file"},
      {sound("?", "wav"), "is not base64"},
      {{{"type", "input_audio"}}, "needs 'input_audio'"},
      {{{"type", "image_url"}}, "needs a text 'image_url'"},
      {{{"type", "video"}}, "is of type 'video'"},
      {{{"text", "a"}}, "needs a text 'type'"},
      {Json("a"), "needs a text 'type'"}};
  for (const auto& [part, words] : cases) {
    try {
      message_media(part, "part 1 of message 2");
      ADD_FAILURE() << "no error: " << words;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(words));
    }
  }
}

}  // namespace
}  // namespace millrace
