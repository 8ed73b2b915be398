#pragma once
#include <filesystem>
#include <memory>
#include <optional>

#include "decoders/generation/generation_config.h"
#include "models/checkpoint.h"
#include "tokenizers/chat_template.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// What a model brings beside its weights for reading and writing text.
struct TextFiles {
  std::shared_ptr<const Tokenizer> tokenizer;  // null where there is none
  std::optional<ChatTemplate> chat_template;
  GenerationConfig generation;
};

// From the files of `folder`, or from what a GGUF checkpoint says of itself (a chat template beside it counts
// more). Damaged ones are Error(model).
TextFiles read_text_files(const std::filesystem::path& folder, const Checkpoint& checkpoint);

}  // namespace millrace
