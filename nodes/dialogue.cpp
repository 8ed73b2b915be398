#include "nodes/dialogue.h"

namespace millrace {
namespace {

using Json = nlohmann::ordered_json;

Json message(const char* role, const std::string& text) { return {{"role", role}, {"content", text}}; }

}  // namespace

Dialogue::Dialogue(const std::string& system) : first_(system.empty() ? 0 : 1) {
  if (!system.empty()) messages_.push_back(message("system", system));
}

void Dialogue::say(const std::string& text) {
  if (messages_.size() > first_ && messages_.back()["role"] == "user") {
    auto& content = messages_.back()["content"];
    content = content.get<std::string>() + ' ' + text;
  } else {
    messages_.push_back(message("user", text));
  }
}

void Dialogue::answer(const std::string& text) {
  if (!text.empty()) messages_.push_back(message("assistant", text));
}

bool Dialogue::shorten(const std::function<bool(const Dialogue&)>& fits) {
  while (!fits(*this))
    if (!forget_oldest()) return false;
  return true;
}

bool Dialogue::forget_oldest() {
  const auto oldest = static_cast<Json::difference_type>(first_);
  if (messages_.size() > first_ + 1) {
    do messages_.erase(messages_.begin() + oldest);
    while (messages_.size() > first_ + 1 && messages_[first_]["role"] != "user");
    return true;
  }
  if (messages_.size() == first_) return false;
  auto& content = messages_[first_]["content"];
  const auto text = content.get<std::string>();
  const auto space = text.find(' ', text.size() / 2);
  if (space == std::string::npos) return false;
  content = text.substr(space + 1);
  return true;
}

std::string Dialogue::to_json() const {
  return messages_.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace millrace
