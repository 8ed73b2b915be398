#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/tensor.h"
#include "tokenizers/tokenizer.h"

namespace millrace {

// How texts of several lengths become one batch.
struct TextBatchOptions {
  int64_t most = 0;       // tokens, special ones among them; longer texts are cut at their end
  bool fill = false;      // texts are padded to `most`, else to the longest
  TokenId pad = 0;        // the token that pads
  bool pad_left = false;  // before the text, else behind it
  bool mask = true;       // the model is told where padding is
};

// What tokenizer_config.json of the folder says of it: model_max_length, where it is less than `most`,
// pad_token, padding_side and model_input_names. Without a pad_token the eos_token pads.
void read_text_batch_options(const std::filesystem::path& folder, const Tokenizer& tokenizer,
                             TextBatchOptions& options);

struct TextBatch {
  Tensor input_ids;       // [texts, tokens] int64
  Tensor attention_mask;  // the same: 1 for tokens, 0 for padding; empty without options.mask
};

// Error(input) where `most` leaves no room beside the special tokens.
TextBatch batch_of_texts(const Tokenizer& tokenizer, std::span<const std::string> texts,
                         const TextBatchOptions& options);

}  // namespace millrace
