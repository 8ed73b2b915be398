#include "decoders/speech/transcript_formats.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "decoders/speech/strip.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

Transcript transcript() {
  Transcript all;
  all.text = " Hello. A < B & C -->\n D";
  all.language = "en";
  all.duration = 3725.5;
  all.segments.push_back({.id = 0, .start = 0, .end = 1.5, .text = " Hello.", .tokens = {1, 2}, .words = {}});
  all.segments.push_back(
      {.id = 1, .start = 3661.234, .end = 3725.5, .text = " A < B & C -->\n D", .tokens = {}, .words = {}});
  all.segments.push_back({.id = 2, .start = 3725.5, .end = 3725.5, .text = " ", .tokens = {}, .words = {}});
  return all;
}

TEST(TranscriptFormats, TextIsALineASegment) {
  EXPECT_EQ(write_transcript(transcript(), TranscriptFormat::text), "Hello.\nA < B & C -->  D\n");
}

TEST(TranscriptFormats, SrtIsNumberedAndTimed) {
  EXPECT_EQ(write_transcript(transcript(), TranscriptFormat::srt),
            "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n"
            "2\n01:01:01,234 --> 01:02:05,500\nA < B & C ->  D\n\n");
}

TEST(TranscriptFormats, VttEscapesItsMarkup) {
  EXPECT_EQ(write_transcript(transcript(), TranscriptFormat::vtt),
            "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n"
            "01:01:01.234 --> 01:02:05.500\nA &lt; B &amp; C --&gt;  D\n\n");
}

TEST(TranscriptFormats, SegmentsAreWrittenOneByOne) {
  const auto writer = transcript_writer(TranscriptFormat::srt);
  const Transcript all = transcript();
  EXPECT_EQ(writer->begin(), "");
  EXPECT_EQ(writer->segment(all.segments[2]), "");
  EXPECT_THAT(writer->segment(all.segments[0]), ::testing::StartsWith("1\n"));
  EXPECT_THAT(writer->segment(all.segments[1]), ::testing::StartsWith("2\n"));
  EXPECT_EQ(writer->end(all), "");
}

TEST(TranscriptFormats, JsonIsOneLineOfVerboseJson) {
  Transcript all = transcript();
  all.segments[0].words = {{.start = 0.1, .end = 1.5, .word = " Hello.", .probability = 0.5}};
  const std::string line = write_transcript(all, TranscriptFormat::json, "a.wav");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json["file"], "a.wav");
  EXPECT_EQ(json["task"], "transcribe");
  EXPECT_EQ(json["language"], "english");
  EXPECT_EQ(json["duration"], 3725.5);
  EXPECT_EQ(json["text"], "Hello. A < B & C -->\n D");
  EXPECT_EQ(json["segments"].size(), 3u);
  EXPECT_EQ(json["segments"][1]["start"], 3661.234);
  EXPECT_EQ(json["segments"][0]["tokens"], (std::vector{1, 2}));
  EXPECT_EQ(json["words"],
            nlohmann::json::parse(R"([{"word": "Hello.", "start": 0.1, "end": 1.5, "probability": 0.5}])"));
  EXPECT_FALSE(
      nlohmann::json::parse(write_transcript(transcript(), TranscriptFormat::json)).contains("file"));
}

TEST(TranscriptFormats, AreAlwaysUtf8) {
  Transcript all;
  all.text = "\xff";
  EXPECT_EQ(nlohmann::json::parse(write_transcript(all, TranscriptFormat::json, "b\xff"))["text"],
            "\xef\xbf\xbd");
  EXPECT_EQ(failed_transcript("a.wav", "a.wav: is empty"),
            "{\"file\":\"a.wav\",\"error\":\"a.wav: is empty\"}\n");
}

TEST(TranscriptFormats, AreKnownByName) {
  EXPECT_EQ(transcript_format("vtt"), TranscriptFormat::vtt);
  EXPECT_EQ(file_ending(TranscriptFormat::text), ".txt");
  try {
    transcript_format("jsn");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'json'?"));
  }
}

TEST(Strip, TakesAwayAllUnicodeSpace) {
  EXPECT_EQ(strip(" \n\t a b \xe3\x80\x80\xc2\xa0"), "a b");
  EXPECT_EQ(strip("   "), "");
  EXPECT_EQ(strip(""), "");
}

}  // namespace
}  // namespace millrace
