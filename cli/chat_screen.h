#pragma once
#include <string>

#include "cli/console.h"
#include "cli/conversation.h"
#include "cli/line_reader.h"
#include "cli/text_pipeline.h"

namespace millrace::cli {

// A conversation at a terminal: what a person types is answered until they leave. Prompts and help go to
// standard error, answers to standard output. An interrupt ends an answer, not the program.
class ChatScreen {
 public:
  ChatScreen(const TextPipeline& pipeline, Conversation conversation, Console& console)
      : pipeline_(pipeline), conversation_(std::move(conversation)), console_(console) {}

  int run();  // the exit code

 private:
  bool obey(const std::string& command);  // false: leave
  std::string with_file(const std::string& command, const std::string& path);
  void answer();
  bool told_to_leave() const;
  bool read_message(std::string& message);

  const TextPipeline& pipeline_;
  Conversation conversation_;
  Console& console_;
  LineReader lines_;
};

}  // namespace millrace::cli
