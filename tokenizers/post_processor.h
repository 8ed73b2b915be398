#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizers/component_spec.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// Puts the tokens that a model expects around a text: the post_processors of tokenizer.json.
struct PostProcessor {
  std::vector<TokenId> before, after;
};

// Error(model) for a type that is not known, or a template that does not hold the text exactly once.
PostProcessor make_post_processor(const ComponentSpec& spec);

}  // namespace millrace
