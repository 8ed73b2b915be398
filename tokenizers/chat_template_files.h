#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "tokenizers/chat_template.h"

namespace millrace {

// The texts of a model's chat templates, with the names that errors call them by.
struct ChatTemplateFiles {
  struct Text {
    std::string text, name;
  };
  std::optional<Text> main, for_tools;
  NamedTokens tokens;
};

// What a folder holds. Files that cannot be read or are not what they should be are errors.
ChatTemplateFiles read_chat_template_files(const std::filesystem::path& folder);

}  // namespace millrace
