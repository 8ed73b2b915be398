#pragma once
#include <memory>
#include <string>

#include "tokenizers/component_spec.h"

namespace millrace {

// Rewrites a text before it is cut: the normalizers of tokenizer.json.
class TextNormalizer {
 public:
  virtual ~TextNormalizer() = default;
  virtual void apply(std::string& text) const = 0;  // valid UTF-8 in and out
};

// Error(model) for a type that is not known.
std::unique_ptr<const TextNormalizer> make_normalizer(const ComponentSpec& spec);

}  // namespace millrace
