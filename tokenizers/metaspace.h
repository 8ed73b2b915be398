#pragma once
#include <string>

#include "tokenizers/component_spec.h"

namespace millrace {

// How SentencePiece writes spaces: as a character of its own ("▁"), also before the first word. The settings
// are shared by the pre-tokenizer and the decoder of that name.
struct Metaspace {
  enum class Prepend { always, first, never };

  explicit Metaspace(const ComponentSpec& spec);

  std::string replacement;
  Prepend prepend;
  bool split;
};

// The one character that the string `key` must be.
char32_t only_character(const ComponentSpec& spec, std::string_view key);

}  // namespace millrace
