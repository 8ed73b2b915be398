#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizers/component_spec.h"

namespace millrace {

// Turns the texts of tokens back into the text they came from: the decoders of tokenizer.json.
class TokenDecoder {
 public:
  virtual ~TokenDecoder() = default;
  // Rewrites the list; joined together it is the text.
  virtual void apply(std::vector<std::string>& tokens) const = 0;
  // Rewrites one token to the bytes that it stands for inside a text.
  virtual void apply_to_one(std::string& token) const = 0;
  // Whether the text of several tokens is their bytes one after another, with U+FFFD for what is no UTF-8.
  virtual bool concatenates_bytes() const { return false; }
  // The byte that byte fallback reads in the token: a run of such tokens is decoded as one.
  virtual std::optional<char> fallback_byte(std::string_view token) const {
    (void)token;
    return std::nullopt;
  }
};

// Error(model) for a type that is not known.
std::unique_ptr<const TokenDecoder> make_decoder(const ComponentSpec& spec);

// English text without the spaces that joining words by spaces puts before punctuation and contractions; with
// `negations`, "do not" becomes "don't" too, as the decoders of the `tokenizers` library have it.
std::string without_artificial_spaces(std::string text, bool negations);

}  // namespace millrace
