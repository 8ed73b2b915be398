#include "devices/speech_program.h"

#include <cctype>
#include <utility>
#include <vector>

#include "base/error.h"
#include "devices/child_program.h"

namespace millrace {
namespace {

constexpr std::string_view kMissing = "install Debian's package espeak-ng, or leave out speaking";

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::vector<std::string> command_of(const SpeechProgram::Options& options) {
  std::vector<std::string> command = {
      options.program, "--stdin", "-b", "1", "-s", std::to_string(options.words_per_minute)};
  if (!options.voice.empty()) command.insert(command.end(), {"-v", options.voice});
  if (!options.device.empty()) command.insert(command.end(), {"-d", options.device});
  return command;
}

}  // namespace

SpeechProgram::SpeechProgram(Options options) : options_(std::move(options)) {
  auto command = command_of(options_);
  command.emplace_back("-q");
  const ProgramEnd end = run_program(command, "a", {}, kMissing);
  if (end.code != 0 && !end.stopped)
    fail(options_.voice.empty() ? ErrorKind::io : ErrorKind::usage, "{} with the voice '{}': {}",
         options_.program, options_.voice, first_line(end.messages));
}

bool SpeechProgram::speak(std::string_view text, const std::function<bool()>& unwanted,
                          const std::string& wav) const {
  const std::string words = speakable(text);
  if (words.empty()) return true;
  auto command = command_of(options_);
  if (!wav.empty()) command.insert(command.end(), {"-w", wav});
  const ProgramEnd end = run_program(command, words, unwanted, kMissing);
  if (end.stopped) return false;
  if (end.code != 0)
    fail(ErrorKind::io, "{} ended with {}: {}", options_.program, end.code, first_line(end.messages));
  return true;
}

std::string speakable(std::string_view text) {
  constexpr std::string_view kUnspoken = "*_#`~|<>[]{}\\^";
  std::string words;
  bool any = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool silent = byte < 0x20 || byte == 0x7F || kUnspoken.find(c) != std::string_view::npos;
    words += silent ? ' ' : c;
    any |= byte >= 0x80 || std::isalnum(byte) != 0;
  }
  return any ? words : std::string();
}

}  // namespace millrace
