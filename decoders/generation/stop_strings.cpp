#include "decoders/generation/stop_strings.h"

#include <algorithm>
#include <utility>

namespace millrace {

StopStrings::StopStrings(std::vector<std::string> stops) {
  for (std::string& stop : stops) {
    if (stop.empty()) continue;
    Pattern pattern;
    pattern.text = std::move(stop);
    pattern.fallback.resize(pattern.text.size() + 1);
    for (size_t length = 1, shorter = 0; length < pattern.text.size(); ++length) {
      while (shorter > 0 && pattern.text[length] != pattern.text[shorter])
        shorter = pattern.fallback[shorter];
      if (pattern.text[length] == pattern.text[shorter]) ++shorter;
      pattern.fallback[length + 1] = shorter;
    }
    patterns_.push_back(std::move(pattern));
  }
}

void StopStrings::step(Pattern& pattern, char byte) {
  while (pattern.matched > 0 && pattern.text[pattern.matched] != byte)
    pattern.matched = pattern.fallback[pattern.matched];
  if (pattern.text[pattern.matched] == byte) ++pattern.matched;
}

std::string StopStrings::add(std::string_view piece) {
  if (stopped_) return {};
  for (const char byte : piece) {
    held_ += byte;
    const Pattern* complete = nullptr;
    for (Pattern& pattern : patterns_) {
      step(pattern, byte);
      if (pattern.matched == pattern.text.size() &&
          (complete == nullptr || pattern.text.size() > complete->text.size()))
        complete = &pattern;
    }
    if (complete == nullptr) continue;
    stopped_ = true;
    found_ = complete->text;
    held_.resize(held_.size() - found_.size());
    return std::exchange(held_, {});
  }
  size_t keep = 0;
  for (const Pattern& pattern : patterns_) keep = std::max(keep, pattern.matched);
  std::string certain = held_.substr(0, held_.size() - keep);
  held_.erase(0, certain.size());
  return certain;
}

std::string StopStrings::finish() { return std::exchange(held_, {}); }

}  // namespace millrace
