#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace millrace {

// The messages of a conversation in which user and assistant take turns, as chat templates want them.
class Dialogue {
 public:
  explicit Dialogue(const std::string& system);  // empty: no system message

  void say(const std::string& text);     // goes on with the user's message where that has no answer yet
  void answer(const std::string& text);  // nothing for an empty one
  // Forgets the oldest until `fits`: first messages, up to a user's, then words of the only one left. False
  // when nothing is left to forget.
  bool shorten(const std::function<bool(const Dialogue&)>& fits);

  const nlohmann::ordered_json& messages() const { return messages_; }
  std::string to_json() const;

 private:
  bool forget_oldest();

  size_t first_;  // after the system message
  nlohmann::ordered_json messages_ = nlohmann::ordered_json::array();
};

}  // namespace millrace
