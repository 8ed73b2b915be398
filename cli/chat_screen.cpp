#include "cli/chat_screen.h"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/suggest.h"
#include "preprocess/audio_source.h"
#include "preprocess/image_reader.h"

namespace millrace::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kCommands = {{
    {"/help", "this list"},
    {"/image FILE", "a picture that goes with the next message"},
    {"/audio FILE", "a recording that does"},
    {"/reset", "forgets the conversation"},
    {"/save FILE", "writes the conversation's messages as JSON"},
    {"/retry", "answers the last message again"},
    {"/exit", "leaves, as Ctrl-D does"},
}};

void tell(const std::string& text) { std::fputs(text.c_str(), stderr); }

std::string help() {
  std::string text;
  for (const auto& [command, meaning] : kCommands) text += fmt::format("  {:<12} {}\n", command, meaning);
  return text +
         "A line that ends with \\ goes on in the next one; lines between two of \"\"\" are one message.\n"
         "Ctrl-C ends an answer.\n";
}

constexpr std::string_view kQuotes = "\"\"\"";

}  // namespace

int ChatScreen::run() {
  console_.interrupts.announce = false;
  tell("Type a message, or /help.\n");
  std::string message;
  while (read_message(message)) {
    if (message.empty()) continue;
    if (message.starts_with('/') && message.find('\n') == std::string::npos) {
      if (!obey(message)) break;
    } else {
      conversation_.say(message);
      answer();
    }
    console_.out.check();
    if (console_.out.closed() || told_to_leave()) break;
    console_.interrupts.reset();
  }
  return told_to_leave() ? console_.interrupts.exit_code() : 0;
}

// By SIGTERM, where an interrupt ends an answer alone.
bool ChatScreen::told_to_leave() const {
  return console_.interrupts.happened() &&
         console_.interrupts.exit_code() != exit_code(ErrorKind::interrupted);
}

// A line, or several where a person says so. False at the end of input.
bool ChatScreen::read_message(std::string& message) {
  message.clear();
  bool quoted = false, goes_on = false;
  while (true) {
    tell(quoted || goes_on ? ". " : "> ");
    const auto line = lines_.read(console_.interrupts.stop);
    if (line.end == LineReader::End::interrupted) {
      if (told_to_leave()) return false;
      console_.interrupts.reset();
      tell("\n(Ctrl-D or /exit leaves)\n");
      message.clear();
      return true;
    }
    if (line.end == LineReader::End::input) {
      tell("\n");
      return !message.empty();
    }
    std::string text = line.text;
    if (!quoted && message.empty() && text.starts_with(kQuotes)) {
      quoted = true;
      text.erase(0, kQuotes.size());
      if (text.empty()) continue;
    }
    const bool ends = quoted && text.ends_with(kQuotes);
    if (ends) text.resize(text.size() - kQuotes.size());
    goes_on = !quoted && text.ends_with('\\');
    if (goes_on) text.back() = '\n';
    message += text;
    if (quoted && !ends) message += '\n';
    if (ends || (!quoted && !goes_on)) return true;
  }
}

bool ChatScreen::obey(const std::string& command) {
  const auto space = command.find(' ');
  const std::string name = command.substr(0, space);
  if (name == "/exit" || name == "/quit" || name == "/bye") return false;
  if (name == "/help") {
    tell(help());
  } else if (name == "/reset") {
    conversation_.reset();
    tell("The conversation begins anew.\n");
  } else if (name == "/retry") {
    if (conversation_.take_back_answer())
      answer();
    else
      tell("There is nothing to answer.\n");
  } else if (name == "/save" || name == "/image" || name == "/audio") {
    const auto first = command.find_first_not_of(' ', name.size());
    if (first == std::string::npos) {
      tell(fmt::format("{} needs the name of a file.\n", name));
      return true;
    }
    try {
      tell(with_file(name, command.substr(first)));
    } catch (const Error& error) {
      tell(fmt::format("{}\n", error.what()));
    }
  } else {
    const std::vector<std::string> known = {"/help", "/image", "/audio", "/reset",
                                            "/save", "/retry", "/exit"};
    tell(fmt::format("There is no {}{}; /help lists what there is.\n", name, did_you_mean(name, known)));
  }
  return true;
}

// What a command does with its file, and what is said of it.
std::string ChatScreen::with_file(const std::string& command, const std::string& path) {
  if (command == "/save") {
    conversation_.save(path);
    return "Saved.\n";
  }
  if (command == "/image") {
    read_image(path);  // so that a mistake is told at once
    conversation_.show(path);
    return "The picture goes with your next message.\n";
  }
  open_audio(path);
  conversation_.play(path);
  return "The recording goes with your next message.\n";
}

// What could not be answered is taken back: the conversation goes on as if it had not been said.
void ChatScreen::answer() {
  std::string text;
  try {
    const auto completion = pipeline_.run(conversation_.to_json(), [&](std::string_view piece) {
      text += piece;
      console_.out.write(piece);
    });
    console_.out.write("\n");
    if (!completion) tell("(interrupted)\n");
  } catch (const Error& error) {
    if (!text.empty()) console_.out.write("\n");
    tell(fmt::format("millrace: error: {}\n", error.what()));
    conversation_.take_back();
    return;
  }
  conversation_.answer(text);
}

}  // namespace millrace::cli
