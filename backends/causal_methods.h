#pragma once
#include <memory>
#include <vector>

#include "backends/method_table.h"
#include "decoders/text_decoder.h"

namespace millrace {

// The methods of a decoder-only language model, with transformers' names for arguments and results:
//   forward          input_ids [B, T] int64, optional attention_mask [B, T] -> logits [B, T, vocabulary]
//   token_embedding  input_ids [B, T] -> embeds [B, T, width], scaled as the model does
//   text_decoder     inputs_embeds [B, T, width] float32, optional cache_position [T] (0, 1, …, as nothing is
//                    cached) and attention_mask -> logits
//   generate         input_ids, optional attention_mask, max_new_tokens -> sequences [B, max_new_tokens]: the
//                    new tokens alone, the most likely at each step, with no end and nothing suppressed
std::vector<Method> causal_methods(std::shared_ptr<const TextDecoder> decoder);

}  // namespace millrace
