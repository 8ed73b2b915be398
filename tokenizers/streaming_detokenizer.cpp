#include "tokenizers/streaming_detokenizer.h"

#include <utility>

#include "base/utf8.h"

namespace millrace {
namespace {

constexpr size_t kMostPendingBytes = 3;  // of a character that can still become whole
constexpr size_t kMostWaiting = 64;      // ids without text before they become context

}  // namespace

std::string StreamingDetokenizer::push(TokenId id) {
  if (!keep_special_ && tokenizer_->is_special(id)) return {};
  return tokenizer_->concatenates_bytes() ? push_bytes(id) : push_in_context(id);
}

std::string StreamingDetokenizer::push_bytes(TokenId id) {
  pending_ += tokenizer_->token_bytes(id);
  size_t done = 0;
  while (done < pending_.size()) {
    const utf8::Sequence sequence = utf8::sequence_at(pending_, done);
    if (sequence.kind == utf8::Sequence::Kind::cut) break;
    done += sequence.size;
  }
  std::string text = utf8::sanitized(std::string_view(pending_).substr(0, done));
  pending_.erase(0, done);
  return text;
}

// Decoders that look at neighbours (a space is dropped before the first word) are run over the last ids given
// out and the new ones; the new text is what that adds.
std::string StreamingDetokenizer::push_in_context(TokenId id) {
  ids_.push_back(id);
  std::string text = tokenizer_->decode(ids_, keep_special_);
  const size_t waiting = ids_.size() - context_;
  if (text.ends_with(utf8::kReplacement) && waiting <= kMostPendingBytes) return {};
  if (text == context_text_ && waiting < kMostWaiting) return {};
  return emit(std::move(text));
}

std::string StreamingDetokenizer::emit(std::string text) {
  ids_.erase(ids_.begin(), ids_.begin() + static_cast<std::ptrdiff_t>(context_));
  std::string alone = tokenizer_->decode(ids_, keep_special_);
  // Where the new ids changed the text of the old ones, which is given out already, they count alone.
  std::string added = text.starts_with(context_text_) ? text.substr(context_text_.size()) : alone;
  context_ = ids_.size();
  context_text_ = std::move(alone);
  return added;
}

std::string StreamingDetokenizer::finish() {
  std::string rest = utf8::sanitized(std::exchange(pending_, {}));
  if (ids_.size() > context_) rest += emit(tokenizer_->decode(ids_, keep_special_));
  ids_.clear(), context_ = 0, context_text_.clear();
  return rest;
}

}  // namespace millrace
