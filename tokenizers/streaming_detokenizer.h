#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tokenizers/tokenizer.h"

namespace millrace {

// Text from token ids that come one by one, given out in whole characters: never half of one. What push() and
// finish() gave, joined, is what decode() makes of all the ids. (But for malformed output of unusual
// decoders, and for broken characters after more than 64 bytes of byte fallback: a run of those is held back
// until it ends or is known to be broken, which decides on all of it, but no longer than that.) One stream,
// one thread; the work per id does not grow with the stream.
class StreamingDetokenizer {
 public:
  explicit StreamingDetokenizer(std::shared_ptr<const Tokenizer> tokenizer, bool keep_special = false)
      : tokenizer_(std::move(tokenizer)), keep_special_(keep_special) {}

  std::string push(TokenId id);  // the text that became certain by this id; often a word, sometimes nothing
  std::string finish();          // the rest, with U+FFFD for half a character. Another stream may follow.

 private:
  std::string push_bytes(TokenId id);
  std::string push_fallback_byte(TokenId id, char byte);
  std::string push_in_context(TokenId id);
  std::string emit(std::string text);

  std::shared_ptr<const Tokenizer> tokenizer_;
  bool keep_special_;
  std::string pending_;       // bytes of a character that is not whole yet
  std::string run_;           // bytes of byte fallback that came one after another
  bool broken_run_ = false;   // which are no UTF-8, so that each is U+FFFD
  std::vector<TokenId> ids_;  // given out last, as context (the first `context_`), and not given out yet
  size_t context_ = 0;
  std::string context_text_;  // what the context alone decodes to
};

}  // namespace millrace
