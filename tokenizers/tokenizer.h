#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

using TokenId = int32_t;

// Text to token ids and back. Immutable: one instance serves all threads.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Any bytes are accepted; what is not UTF-8 is read as U+FFFD. With `special`, the post-processor adds what
  // it adds (beginning and end of text). Special tokens written out in the text become their ids either way.
  virtual std::vector<TokenId> encode(std::string_view text, bool special = true) const = 0;

  // Always valid UTF-8: bytes that make no character become U+FFFD. Ids outside the vocabulary are skipped.
  virtual std::string decode(std::span<const TokenId> ids, bool keep_special = false) const = 0;

  // The raw bytes behind one token inside a text: half a character for some byte-level tokens. Empty for ids
  // outside the vocabulary.
  virtual std::string token_bytes(TokenId id) const = 0;
  // Whether decode() of several ids is their token_bytes() one after another, with U+FFFD for what is no
  // UTF-8: so it is for byte-level tokenizers.
  virtual bool concatenates_bytes() const { return false; }

  virtual std::optional<TokenId> id_of(std::string_view token) const = 0;  // vocabulary and added tokens
  virtual bool is_special(TokenId id) const = 0;
  // The token to which the files beside the vocabulary give a name, "bos_token", "eos_token", "pad_token" and
  // so on: what chat templates call so. Its id is id_of() of it.
  virtual std::optional<std::string> special_token(std::string_view name) const {
    (void)name;
    return std::nullopt;
  }
  virtual int64_t size() const = 0;  // one more than the largest id
};

// From a model folder: tokenizer.json, else vocab.json + merges.txt (as GPT-2 and Whisper have them), else a
// SentencePiece or tiktoken file (tokenizer.model and its like), else the one GGUF file, with
// added_tokens.json, special_tokens_map.json and tokenizer_config.json where they matter. Or from such a file
// at `path` itself. Ids and texts equal those of Hugging Face's tokenizers library. Error(model), naming file
// and component, when there is none or it cannot be understood.
std::shared_ptr<const Tokenizer> load_tokenizer(const std::string& path);

}  // namespace millrace
