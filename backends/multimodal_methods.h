#pragma once
#include <memory>
#include <vector>

#include "backends/method_table.h"
#include "backends/multimodal_model.h"

namespace millrace {

// The methods of a language model that reads pictures, with transformers' names for arguments and results;
// PICTURES are pixel_values and what else its MediaEmbedder takes:
//   vision_encoder   PICTURES -> embeddings [pictures, tokens, width], or [tokens, width] of all pictures
//   token_embedding  input_ids [B, T] int64, optional embeddings (a vision_encoder's, which then stand in the
//                    places of the image token) -> embeds [B, T, width]
//   text_decoder     inputs_embeds [B, T, width], optional cache_position and attention_mask -> logits
//   forward          input_ids, optional attention_mask and PICTURES; token_type_ids where positions see each
//                    other by it, and mm_token_type_ids (1 for a picture's) where they stand in a grid, both
//                    [B, T] int64 -> logits [B, T, vocabulary]
//   generate         the same and max_new_tokens -> sequences [B, max_new_tokens], the most likely at each
//   step
std::vector<Method> multimodal_methods(std::shared_ptr<const MultimodalModel> model);

}  // namespace millrace
