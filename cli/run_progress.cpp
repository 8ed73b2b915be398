#include "cli/run_progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "preprocess/audio_source.h"
#include "preprocess/film_reader.h"

namespace millrace::cli {
namespace {

std::string show_time(double seconds) {
  const auto whole = static_cast<int64_t>(seconds);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

std::optional<double> length_of_film(const std::string& path) {
  try {
    return FilmReader::is_film(path) ? FilmReader(path).seconds() : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// What its header says; nothing of what is no recording or can be read only once.
std::optional<double> length_of(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  try {
    return open_audio(path, {})->seconds();
  } catch (const Error&) {
    return length_of_film(path);  // one without sound
  }
}

}  // namespace

void RunProgress::begin(size_t item) {
  item_ = item;
  begun_ = std::chrono::steady_clock::now();
  seconds_ = length_of(inputs_[item]);
}

// From the speed so far; nothing until there is one.
std::string RunProgress::time_left(double seconds) const {
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  if (seconds < 1 || taken < 2) return {};
  return fmt::format(", {} left", show_time((*seconds_ - seconds) * taken / seconds));
}

std::string RunProgress::text(const Progress& progress) {
  const size_t item = progress.finished;
  if (item >= inputs_.size()) return {};
  if (item_ != item) begin(item);
  std::string text =
      inputs_.size() > 1 ? fmt::format("{} of {} files, ", item, inputs_.size()) : std::string();
  text += inputs_[item] == "-" ? "standard input" : std::filesystem::path(inputs_[item]).filename().string();
  if (std::isnan(progress.seconds)) return text;
  text += " at " + show_time(progress.seconds);
  if (!seconds_ || *seconds_ <= 0) return text;
  const double seconds = std::min(progress.seconds, *seconds_);
  return text + fmt::format(" of {} ({:.0f} %){}", show_time(*seconds_), 100 * seconds / *seconds_,
                            time_left(seconds));
}

}  // namespace millrace::cli
