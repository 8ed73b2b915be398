#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// How a byte-level vocabulary that comes without a tokenizer.json is used.
struct ByteLevelRules {
  std::string pattern = {};            // its matches are words; empty: GPT-2's
  std::vector<std::string> cuts = {};  // patterns whose matches are cut out before, one after another
  bool single_digits = false;          // each digit is a word
  bool joined_punctuation = false;     // runs of punctuation are words, as Falcon has it
  bool nfc = false;                    // normalizes the text
  bool ignore_merges = false;          // a word that is a token stays whole
};

// The document of a tokenizer.json by these rules, without its tables.
nlohmann::json byte_level_document(const ByteLevelRules& rules);

// The rules behind GGUF's name of a pre-tokenizer (tokenizer.ggml.pre), those of the family's own
// tokenizer.json. Error(model) for a name that is not known.
ByteLevelRules byte_level_rules(std::string_view pre);

// The pattern of a tokenizer class whose folders hold tiktoken files; Llama 3's for those that are not known.
std::string_view tiktoken_pattern(std::string_view tokenizer_class);

}  // namespace millrace
