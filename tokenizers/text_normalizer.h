#pragma once
#include <memory>
#include <string>

#include "tokenizers/component_spec.h"

namespace millrace {

// Rewrites a text before it is cut: the normalizers of tokenizer.json.
class TextNormalizer {
 public:
  virtual ~TextNormalizer() = default;
  // Valid UTF-8 in and out. `head` is how many of the first bytes stand for the first character of the text
  // that was given, before and after: 0 when that is gone. Metaspace's scheme "first" goes by it.
  virtual void apply(std::string& text, size_t& head) const = 0;
  void apply(std::string& text) const {
    size_t head = 0;
    apply(text, head);
  }
};

// Error(model) for a type that is not known.
std::unique_ptr<const TextNormalizer> make_normalizer(const ComponentSpec& spec);

}  // namespace millrace
