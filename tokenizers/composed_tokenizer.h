#pragma once
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/added_tokens.h"
#include "tokenizers/post_processor.h"
#include "tokenizers/pre_tokenizer.h"
#include "tokenizers/subword_model.h"
#include "tokenizers/text_normalizer.h"
#include "tokenizers/token_decoder.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// A tokenizer of the stages that tokenizer.json names: added tokens, normalizer, pre-tokenizer, model,
// post-processor; and a decoder for the way back.
class ComposedTokenizer final : public Tokenizer {
 public:
  struct Parts {
    std::unique_ptr<const SubwordModel> model;
    std::unique_ptr<const TextNormalizer> normalizer;   // may be null
    std::unique_ptr<const PreTokenizer> pre_tokenizer;  // may be null
    std::unique_ptr<const TokenDecoder> decoder;        // may be null: tokens joined by spaces
    AddedTokens added;
    PostProcessor post;
    std::map<std::string, std::string, std::less<>> special_tokens;  // by name: "bos_token"
    bool clean_up_spaces = false;                                    // of decoded text
  };
  explicit ComposedTokenizer(Parts parts) : parts_(std::move(parts)) {}

  std::vector<TokenId> encode(std::string_view text, bool special) const override;
  std::string decode(std::span<const TokenId> ids, bool keep_special) const override;
  std::string token_bytes(TokenId id) const override;
  bool concatenates_bytes() const override;
  std::optional<TokenId> id_of(std::string_view token) const override;
  bool is_special(TokenId id) const override;
  std::optional<std::string> special_token(std::string_view name) const override;
  int64_t size() const override;

 private:
  std::optional<std::string_view> text_of(TokenId id) const;  // as the decoder wants it

  Parts parts_;
};

}  // namespace millrace
