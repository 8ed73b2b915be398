#include "decoders/constraint/constraint.h"

#include <algorithm>
#include <limits>

namespace millrace {

void TokenMask::add(const TokenMask& other) {
  for (size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i) words_[i] |= other.words_[i];
}

void TokenMask::rule_out_others(std::span<float> logits) const {
  for (size_t i = 0; i < logits.size(); ++i)
    if (!has(static_cast<TokenId>(i))) logits[i] = -std::numeric_limits<float>::infinity();
}

}  // namespace millrace
