#pragma once
#include <nlohmann/json.hpp>
#include <string>

namespace millrace::cli {

// The messages of a chat so far, as the pipeline 'chat' takes them.
class Conversation {
 public:
  explicit Conversation(std::string system) : system_(std::move(system)) { reset(); }

  void say(const std::string& text) { add("user", text); }
  void answer(const std::string& text) { add("assistant", text); }
  void take_back();         // the last message
  bool take_back_answer();  // so that the message before it is the last; false where there is none
  void reset();             // all but the system message
  std::string to_json() const { return messages_.dump(-1, ' ', false, kReplace); }
  // Writes it beside `path` and renames. Error(io) that names the file.
  void save(const std::string& path) const;

 private:
  static constexpr auto kReplace = nlohmann::ordered_json::error_handler_t::replace;
  void add(const char* role, const std::string& text);

  std::string system_;
  nlohmann::ordered_json messages_;
};

}  // namespace millrace::cli
