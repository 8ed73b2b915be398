#include "cli/caption_format.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "cli/growing_file.h"
#include "tests/temporary_folder.h"

namespace millrace::cli {
namespace {

Segment said(double start, double end, std::string text) {
  Segment segment;
  segment.start = start;
  segment.end = end;
  segment.text = std::move(text);
  segment.latency = 0.4567;
  return segment;
}

TEST(CaptionFormat, JsonIsALineAnEvent) {
  CaptionFormat format(TranscriptFormat::json, false);
  EXPECT_EQ(format.begin(), "");
  EXPECT_EQ(format.partial("a", {.start = 1, .end = 2.5, .settled = " Ask", .rest = " not", .latency = 0.25}),
            R"({"type":"partial","start":1.0,"end":2.5,"text":"Ask not","settled":"Ask","latency":0.25})"
            "\n");
  EXPECT_EQ(format.segment("a", said(1, 3, " Ask not.")),
            R"({"type":"final","start":1.0,"end":3.0,"text":"Ask not.","latency":0.457})"
            "\n");
  EXPECT_EQ(format.gap("a", {.start = 3, .seconds = 1.5, .why = "lost"}),
            R"({"type":"gap","start":3.0,"end":4.5,"text":"lost"})"
            "\n");
}

TEST(CaptionFormat, SeveralStreamsAreNamed) {
  CaptionFormat json(TranscriptFormat::json, true), text(TranscriptFormat::text, true);
  EXPECT_EQ(nlohmann::json::parse(json.segment("hall", said(1, 3, " Hi.")))["input"], "hall");
  EXPECT_EQ(text.segment("hall", said(1, 3, " Hi.")), "hall: Hi.\n");
}

TEST(CaptionFormat, SubtitlesHoldFinalTextAndGaps) {
  CaptionFormat srt(TranscriptFormat::srt, false);
  EXPECT_EQ(srt.partial("a", {.start = 0, .end = 1, .settled = "", .rest = " Hi"}), "");
  EXPECT_EQ(srt.segment("a", said(1, 3, " Hi.")), "1\n00:00:01,000 --> 00:00:03,000\nHi.\n\n");
  EXPECT_EQ(srt.gap("a", {.start = 3, .seconds = 1.5, .why = "lost"}),
            "2\n00:00:03,000 --> 00:00:04,500\n[1.5 s missing: lost]\n\n");
  CaptionFormat vtt(TranscriptFormat::vtt, false);
  EXPECT_EQ(vtt.begin() + vtt.segment("a", said(1, 3, " Hi.")),
            "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\nHi.\n\n");
}

TEST(CaptionFormat, ALineOfATerminalIsItsLastColumns) {
  EXPECT_EQ(last_columns(" ask not what", 80), "ask not what");
  EXPECT_EQ(last_columns(" ask not what", 8), "not what");
  EXPECT_EQ(last_columns("naïve", 3), "ïve") << "a letter is a column";
  EXPECT_EQ(last_columns("日本語", 5), "本語") << "some are two";
  EXPECT_EQ(last_columns("a\nb\033c", 9), "a b c");
  EXPECT_EQ(last_columns("", 5), "");
  EXPECT_EQ(last_columns("abc", 0), "");
}

TEST(GrowingFile, IsWholeAfterEveryPiece) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "captions.srt";
  std::ofstream(path) << "of another day";
  GrowingFile file(path);
  const auto content = [&] {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  EXPECT_EQ(content(), "");
  file.append("one\n");
  file.append("");
  file.append("two\n");
  EXPECT_EQ(content(), "one\ntwo\n");
  EXPECT_THROW(GrowingFile(folder.path()), Error);
}

}  // namespace
}  // namespace millrace::cli
