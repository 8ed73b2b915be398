#include "decoders/speech/transcript_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "base/suggest.h"
#include "decoders/speech/languages.h"
#include "decoders/speech/strip.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 4> kNames = {"text", "json", "srt", "vtt"};
constexpr std::array<std::string_view, 4> kEndings = {".txt", ".json", ".srt", ".vtt"};

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// A segment's words on one line: an empty line would end a cue, a line break a line.
std::string one_line(std::string_view text) {
  std::string line(strip(text));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  return line;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// A cue's line of times. Neither format knows cues that last no time, and players leave them out.
std::string cue_times(const Segment& segment, char decimal) {
  const auto milliseconds = [](double seconds) { return std::max<int64_t>(0, std::llround(seconds * 1000)); };
  const auto clock = [&](int64_t all) {
    return fmt::format("{:02}:{:02}:{:02}{}{:03}", all / 3'600'000, all / 60'000 % 60, all / 1000 % 60,
                       decimal, all % 1000);
  };
  const int64_t start = milliseconds(segment.start);
  return clock(start) + " --> " + clock(std::max(milliseconds(segment.end), start + 1));
}

class TextWriter : public TranscriptWriter {
 public:
  std::string segment(const Segment& segment) override {
    const std::string line = one_line(segment.text);
    return line.empty() ? line : line + "\n";
  }
};

class SrtWriter : public TranscriptWriter {
 public:
  std::string segment(const Segment& segment) override {
    // An arrow makes a line one of times, and nothing escapes it here.
    std::string line = one_line(segment.text);
    while (line.find("-->") != std::string::npos) line = replaced(line, "-->", "->");
    if (line.empty()) return {};
    return fmt::format("{}\n{}\n{}\n\n", ++number_, cue_times(segment, ','), line);
  }

 private:
  int number_ = 0;
};

class VttWriter : public TranscriptWriter {
 public:
  std::string begin() override { return "WEBVTT\n\n"; }
  std::string segment(const Segment& segment) override {
    std::string line = replaced(one_line(segment.text), "&", "&amp;");
    line = replaced(replaced(line, "<", "&lt;"), "-->", "--&gt;");
    if (line.empty()) return {};
    return fmt::format("{}\n{}\n\n", cue_times(segment, '.'), line);
  }
};

// Times come in hundredths; what arithmetic adds beyond is noise.
double short_number(double value, double digits) {
  return std::isfinite(value) ? std::round(value * digits) / digits : 0;
}

Json to_json(const Word& word, bool bare) {
  return {{"word", bare ? std::string(strip(word.word)) : word.word},
          {"start", short_number(word.start, 1e3)},
          {"end", short_number(word.end, 1e3)},
          {"probability", short_number(word.probability, 1e6)}};
}

Json to_json(const Segment& segment) {
  Json json = {{"id", segment.id},
               {"seek", segment.seek},
               {"start", short_number(segment.start, 1e3)},
               {"end", short_number(segment.end, 1e3)},
               {"text", segment.text},
               {"tokens", segment.tokens},
               {"temperature", short_number(segment.temperature, 1e6)},
               {"avg_logprob", short_number(segment.avg_logprob, 1e6)},
               {"compression_ratio", short_number(segment.compression_ratio, 1e6)},
               {"no_speech_prob", short_number(segment.no_speech_prob, 1e9)}};
  if (segment.words.empty()) return json;
  json["words"] = Json::array();
  for (const Word& word : segment.words) json["words"].push_back(to_json(word, false));
  return json;
}

class JsonWriter : public TranscriptWriter {
 public:
  explicit JsonWriter(std::string file) : file_(std::move(file)) {}
  std::string end(const Transcript& transcript) override {
    Json json = Json::object();
    if (!file_.empty()) json["file"] = file_;
    json["task"] = transcript.task;
    json["language"] = language_name(transcript.language);
    json["duration"] = short_number(transcript.duration, 1e3);
    json["text"] = std::string(strip(transcript.text));
    json["segments"] = Json::array();
    Json words = Json::array();
    for (const Segment& segment : transcript.segments) {
      json["segments"].push_back(to_json(segment));
      for (const Word& word : segment.words) words.push_back(to_json(word, true));
    }
    if (!words.empty()) json["words"] = std::move(words);
    return dump(json);
  }

 private:
  std::string file_;
};

}  // namespace

TranscriptFormat transcript_format(std::string_view name) {
  const auto known = std::find(kNames.begin(), kNames.end(), name);
  if (known != kNames.end()) return static_cast<TranscriptFormat>(known - kNames.begin());
  const std::vector<std::string> names(kNames.begin(), kNames.end());
  fail(ErrorKind::usage, "unknown format '{}'{}; a transcript is written as text, json, srt or vtt", name,
       did_you_mean(name, names));
}

std::string_view file_ending(TranscriptFormat format) { return kEndings.at(static_cast<size_t>(format)); }

std::unique_ptr<TranscriptWriter> transcript_writer(TranscriptFormat format, std::string file) {
  switch (format) {
    case TranscriptFormat::json:
      return std::make_unique<JsonWriter>(std::move(file));
    case TranscriptFormat::srt:
      return std::make_unique<SrtWriter>();
    case TranscriptFormat::vtt:
      return std::make_unique<VttWriter>();
    case TranscriptFormat::text:
      break;
  }
  return std::make_unique<TextWriter>();
}

std::string write_transcript(const Transcript& transcript, TranscriptFormat format, const std::string& file) {
  const auto writer = transcript_writer(format, file);
  std::string text = writer->begin();
  for (const Segment& segment : transcript.segments) text += writer->segment(segment);
  return text + writer->end(transcript);
}

std::string failed_transcript(const std::string& file, std::string_view error) {
  return dump({{"file", file}, {"error", std::string(error)}});
}

}  // namespace millrace
