#include "cli/conversation.h"

#include "base/atomic_file.h"

namespace millrace::cli {

void Conversation::add(const char* role, const std::string& text) {
  messages_.push_back({{"role", role}, {"content", text}});
}

void Conversation::take_back() { messages_.erase(messages_.size() - 1); }

bool Conversation::take_back_answer() {
  if (!messages_.empty() && messages_.back()["role"] == "assistant") take_back();
  return !messages_.empty() && messages_.back()["role"] == "user";
}

void Conversation::reset() {
  messages_ = nlohmann::ordered_json::array();
  if (!system_.empty()) add("system", system_);
}

void Conversation::save(const std::string& path) const {
  AtomicFile file(path);
  file.write(messages_.dump(2, ' ', false, kReplace) + "\n");
  file.commit();
}

}  // namespace millrace::cli
