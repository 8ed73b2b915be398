#include "decoders/speech/transcription_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/error.h"
#include "base/suggest.h"
#include "decoders/speech/languages.h"

namespace millrace {
namespace {

using Options = TranscriptionOptions;

constexpr double kSeconds = 1e9;  // more than any recording

void check_number(const TranscriptionField& field, double value) {
  if (value >= field.least && value <= field.most) return;  // NaN is neither
  fail(ErrorKind::usage, "{} is {}, but must be between {} and {}", field.name, value, field.least,
       field.most);
}

void check_word(const TranscriptionField& field, const std::string& value) {
  if (field.choices.empty()) return;
  const std::vector<std::string> choices(field.choices.begin(), field.choices.end());
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  fail(ErrorKind::usage, "{} is '{}', but must be one of: {}{}", field.name, value, fmt::join(choices, ", "),
       did_you_mean(value, choices));
}

void check_field(const TranscriptionField& field, const Options& options) {
  std::visit(
      [&](auto member) {
        const auto& value = options.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>) {
          check_word(field, value);
        } else if constexpr (std::is_same_v<Value, int64_t> || std::is_same_v<Value, double>) {
          check_number(field, static_cast<double>(value));
        } else if constexpr (std::is_same_v<Value, std::optional<int64_t>> ||
                             std::is_same_v<Value, std::optional<double>>) {
          if (value) check_number(field, static_cast<double>(*value));
        } else if constexpr (!std::is_same_v<Value, bool>) {
          for (const auto& element : value) check_number(field, static_cast<double>(element));
        }
      },
      field.member);
}

double parse_seconds(std::string_view text, const std::string& all) {
  const auto begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
  if (begin != std::string_view::npos) text = text.substr(begin, end - begin + 1);
  double seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || rest != text.data() + text.size() || !(seconds >= 0 && seconds <= kSeconds))
    fail(ErrorKind::usage,
         "clip_timestamps is '{}', but '{}' is not a time in seconds; give start,end,start,end,…", all, text);
  return seconds;
}

}  // namespace

std::vector<std::pair<double, std::optional<double>>> parse_clip_timestamps(
    const std::string& clip_timestamps) {
  std::vector<double> times;
  std::string_view rest = clip_timestamps;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    times.push_back(parse_seconds(rest.substr(0, comma), clip_timestamps));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  if (times.empty()) times.push_back(0);
  if (!std::is_sorted(times.begin(), times.end()))
    fail(ErrorKind::usage,
         "clip_timestamps is '{}', but its times go back; give start,end,start,end,… in order",
         clip_timestamps);
  std::vector<std::pair<double, std::optional<double>>> clips;
  for (size_t i = 0; i < times.size(); i += 2)
    clips.emplace_back(times[i], i + 1 < times.size() ? std::optional<double>(times[i + 1]) : std::nullopt);
  return clips;
}

void TranscriptionOptions::check() const {
  for (const TranscriptionField& field : kTranscriptionFields) check_field(field, *this);
  if (temperature.empty()) fail(ErrorKind::usage, "temperature is empty; give at least one, such as 0");
  if (!detects_language()) language_code(language);
  if (hallucination_silence_threshold && !word_timestamps)
    fail(ErrorKind::usage, "hallucination_silence_threshold needs word_timestamps");
}

}  // namespace millrace
