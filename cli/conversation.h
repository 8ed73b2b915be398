#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace millrace::cli {

// The messages of a chat so far, as the pipeline 'chat' takes them.
class Conversation {
 public:
  explicit Conversation(std::string system) : system_(std::move(system)) { reset(); }

  // A picture's or a recording's file, which goes with what is said next.
  void show(const std::string& path);
  void play(const std::string& path);
  void say(const std::string& text);
  void answer(const std::string& text) { add("assistant", text); }
  void take_back();         // the last message, with its media
  bool take_back_answer();  // so that the message before it is the last; false where there is none
  void reset();             // all but the system message
  std::string to_json() const { return messages_.dump(-1, ' ', false, kReplace); }
  // Writes it beside `path` and renames. Error(io) that names the file.
  void save(const std::string& path) const;

 private:
  static constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  void add(const char* role, const std::string& text);

  std::string system_;
  nlohmann::ordered_json messages_, media_;  // the latter wait for a message
};

}  // namespace millrace::cli
