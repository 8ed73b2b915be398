#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tokenizers/added_tokens.h"

namespace millrace {

// What the files beside a vocabulary say: tokenizer_config.json, special_tokens_map.json, added_tokens.json.
// All may be absent.
struct TokenizerConfig {
  bool clean_up_spaces = false;
  bool clean_up_bpe_spaces =
      false;  // clean_up_tokenization_spaces is ignored for byte-pair encoding without it
  std::optional<bool> add_prefix_space;
  bool add_bos = false, add_eos = false;  // add_bos_token, add_eos_token: tokenizer.json goes before them
  bool legacy = false;                    // SentencePiece's spaces also after special tokens
  bool lower_case = true;                 // do_lower_case, of SigLIP's
  int64_t extra_ids = 100;                // T5's sentinels
  std::string unknown_token;
  std::string tokenizer_class;  // "WhisperTokenizer", without the "Fast" that some have at their end
  std::vector<std::pair<int64_t, AddedToken>> numbered;  // by id: added_tokens_decoder, added_tokens.json
  std::vector<AddedToken> named;                         // bos_token and its like, special
  std::map<std::string, std::string, std::less<>> special_tokens;  // by name: "bos_token"

  // Names a special token, where no file did.
  void default_token(const char* name, std::string_view content);
};

TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

// An object of tokenizer.json's added_tokens.
AddedToken read_added_token(const ComponentSpec& spec);

}  // namespace millrace
