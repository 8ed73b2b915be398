#include "cli/caption_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "decoders/speech/strip.h"

namespace millrace::cli {
namespace {

using Json = nlohmann::ordered_json;

double milliseconds(double seconds) { return std::round(seconds * 1e3) / 1e3; }

Json event(const char* type, double start, double end, std::string_view text) {
  return {{"type", type},
          {"start", milliseconds(start)},
          {"end", milliseconds(end)},
          {"text", std::string(strip(text))}};
}

void add_latency(Json& json, double latency) {
  if (std::isfinite(latency)) json["latency"] = milliseconds(latency);
}

// Letters of East Asian scripts, and what else is drawn as wide.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
}

// Of valid UTF-8: the code point that begins at `at`.
char32_t code_point(std::string_view text, size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const int more = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  char32_t value = more == 0 ? first : static_cast<char32_t>(first & (0x3F >> more));
  for (int i = 1; i <= more; ++i)
    value = (value << 6) | (static_cast<unsigned char>(text[at + static_cast<size_t>(i)]) & 0x3Fu);
  return value;
}

}  // namespace

CaptionFormat::CaptionFormat(TranscriptFormat format, bool several)
    : format_(format), several_(several), writer_(transcript_writer(format)) {}

std::string CaptionFormat::begin() { return writer_->begin(); }

std::string CaptionFormat::partial(const std::string& input, const PartialText& text) {
  if (format_ != TranscriptFormat::json) return {};
  Json json = event("partial", text.start, text.end, text.text());
  json["settled"] = std::string(strip(text.settled));
  add_latency(json, text.latency);
  if (several_) json["input"] = input;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string CaptionFormat::segment(const std::string& input, const Segment& segment) {
  if (format_ != TranscriptFormat::json) {
    const std::string text = writer_->segment(segment);
    return several_ && !text.empty() ? input + ": " + text : text;
  }
  Json json = event("final", segment.start, segment.end, segment.text);
  add_latency(json, segment.latency);
  if (several_) json["input"] = input;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string CaptionFormat::gap(const std::string& input, const StreamGap& gap) {
  if (format_ == TranscriptFormat::json) {
    Json json = event("gap", gap.start, gap.start + gap.seconds, gap.why);
    if (several_) json["input"] = input;
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  Segment said;
  said.start = gap.start;
  said.end = gap.start + gap.seconds;
  said.text = fmt::format("[{:.1f} s missing: {}]", gap.seconds, gap.why);
  return segment(input, said);
}

std::string last_columns(std::string_view text, size_t columns) {
  std::string line = utf8::sanitized(strip(text));
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  size_t width = 0, begin = line.size();
  for (size_t at = line.size(); at-- > 0;) {
    if ((static_cast<unsigned char>(line[at]) & 0xC0) == 0x80) continue;
    width += is_wide(code_point(line, at)) ? 2 : 1;
    if (width > columns) break;
    begin = at;
  }
  return line.substr(begin);
}

}  // namespace millrace::cli
