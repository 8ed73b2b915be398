#include "decoders/speech/local_agreement.h"

#include <algorithm>
#include <utility>

namespace millrace {

void LocalAgreement::push(std::vector<std::string> words) {
  for (size_t i = settled_.size(); i < words.size() && i < latest_.size() && words[i] == latest_[i]; ++i)
    settled_.push_back(words[i]);
  latest_ = std::move(words);
}

void LocalAgreement::forget(size_t words) {
  for (auto* list : {&settled_, &latest_})
    list->erase(list->begin(), list->begin() + static_cast<std::ptrdiff_t>(std::min(words, list->size())));
}

std::string LocalAgreement::settled() const {
  std::string text;
  for (const std::string& word : settled_) text += word;
  return text;
}

std::string LocalAgreement::rest() const {
  std::string text;
  for (size_t i = settled_.size(); i < latest_.size(); ++i) text += latest_[i];
  return text;
}

}  // namespace millrace
