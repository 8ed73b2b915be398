#pragma once
#include <map>
#include <string>
#include <string_view>

#include "decoders/generation/generation_config.h"
#include "tokenizers/tokenizer.h"

namespace millrace::testing {

// A Whisper-like vocabulary of a token per byte, three languages, and 1501 timestamps.
class ByteVocabulary : public Tokenizer {
 public:
  static constexpr TokenId kEnd = 256, kStart = 257, kEnglish = 258, kGerman = 259, kChinese = 260,
                           kTranslate = 261, kTranscribe = 262, kStartOfLm = 263, kPrevious = 264,
                           kNoSpeech = 265, kNoTimestamps = 266, kTime = 267;
  static constexpr int64_t kSize = kTime + 1501;

  std::vector<TokenId> encode(std::string_view text, bool special) const override;
  std::string decode(std::span<const TokenId> ids, bool keep_special) const override;
  std::string token_bytes(TokenId id) const override;
  std::optional<TokenId> id_of(std::string_view token) const override;
  bool is_special(TokenId id) const override { return id >= kEnd; }
  int64_t size() const override { return kSize; }

  static GenerationConfig generation() { return {{{"is_multilingual", true}}, "generation_config.json"}; }
  // The timestamp token of a time in the window.
  static TokenId time(double seconds) { return kTime + static_cast<TokenId>(seconds * 50 + 0.5); }
  // Bytes of texts and timestamps ("<1.00>") as tokens.
  static std::vector<TokenId> tokens(std::string_view text);
};

}  // namespace millrace::testing
