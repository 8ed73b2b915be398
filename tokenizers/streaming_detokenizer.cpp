#include "tokenizers/streaming_detokenizer.h"

#include <utility>

#include "base/utf8.h"

namespace millrace {
namespace {

constexpr size_t kMostPendingBytes = 3;  // of a character that can still become whole
constexpr size_t kMostWaiting = 64;      // ids without text before they become context
constexpr size_t kMostHeld = 64;         // bytes of byte fallback

enum class Bytes : uint8_t { whole, cut, broken };

Bytes state_of(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size();) {
    const utf8::Sequence sequence = utf8::sequence_at(bytes, at);
    if (sequence.kind == utf8::Sequence::Kind::cut) return Bytes::cut;
    if (sequence.kind == utf8::Sequence::Kind::invalid) return Bytes::broken;
    at += sequence.size;
  }
  return Bytes::whole;
}

}  // namespace

std::string StreamingDetokenizer::push(TokenId id) {
  if (!keep_special_ && tokenizer_->is_special(id)) return {};
  if (id < 0 || id >= tokenizer_->size()) return {};
  if (tokenizer_->concatenates_bytes()) return push_bytes(id);
  if (const auto byte = tokenizer_->fallback_byte(id)) return push_fallback_byte(id, *byte);
  run_.clear(), broken_run_ = false;
  return push_in_context(id);
}

std::string StreamingDetokenizer::push_fallback_byte(TokenId id, char byte) {
  if (broken_run_) {
    ids_ = {id}, context_ = 1;
    context_text_ = tokenizer_->decode(ids_, keep_special_);
    return std::string(utf8::kReplacement);
  }
  ids_.push_back(id);
  run_ += byte;
  const Bytes state = state_of(run_);
  broken_run_ = state == Bytes::broken;
  if (state == Bytes::cut || (state == Bytes::whole && run_.size() < kMostHeld)) return {};
  run_.clear();
  return emit(tokenizer_->decode(ids_, keep_special_));
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
  run_.clear(), broken_run_ = false;
  return rest;
}

}  // namespace millrace
