#include "cli/conversation.h"

#include <utility>

#include "base/atomic_file.h"

namespace millrace::cli {

void Conversation::add(const char* role, const std::string& text) {
  messages_.push_back({{"role", role}, {"content", text}});
}

void Conversation::show(const std::string& path) {
  media_.push_back({{"type", "image_url"}, {"image_url", {{"url", path}}}});
}

void Conversation::play(const std::string& path) {
  media_.push_back({{"type", "audio_url"}, {"audio_url", {{"url", path}}}});
}

void Conversation::say(const std::string& text) {
  if (media_.empty()) return add("user", text);
  media_.push_back({{"type", "text"}, {"text", text}});
  messages_.push_back({{"role", "user"}, {"content", std::exchange(media_, nullptr)}});
}

void Conversation::take_back() { messages_.erase(messages_.size() - 1); }

bool Conversation::take_back_answer() {
  if (!messages_.empty() && messages_.back()["role"] == "assistant") take_back();
  return !messages_.empty() && messages_.back()["role"] == "user";
}

void Conversation::reset() {
  messages_ = nlohmann::ordered_json::array();
  media_ = nullptr;
  if (!system_.empty()) add("system", system_);
}

void Conversation::save(const std::string& path) const {
  AtomicFile file(path);
  file.write(messages_.dump(2, ' ', false, kReplace) + "\n");
  file.commit();
}

}  // namespace millrace::cli
