#pragma once
#include <memory>
#include <vector>

#include "backends/method_table.h"
#include "backends/multimodal_model.h"

namespace millrace {

// The methods of a language model that reads pictures or hears sounds, with transformers' names for arguments
// and results; MEDIA are pixel_values, input_features and what else its MediaEmbedder takes:
//   vision_encoder   those of pictures -> embeddings [pictures, tokens, width], or [tokens, width] of all
//   audio_encoder    those of sounds -> embeddings likewise
//   token_embedding  input_ids [B, T] int64, optional embeddings (an encoder's, which then stand in the
//                    places of its token) -> embeds [B, T, width]
//   text_decoder     inputs_embeds [B, T, width], optional cache_position and attention_mask -> logits
//   forward          input_ids, optional attention_mask and MEDIA; token_type_ids where positions see each
//   other
//                    by it, and mm_token_type_ids (1 for a picture's) where they stand in a grid, both
//                    [B, T] int64 -> logits [B, T, vocabulary]
//   generate         the same and max_new_tokens -> sequences [B, max_new_tokens], the most likely at each
//                    step
std::vector<Method> multimodal_methods(std::shared_ptr<const MultimodalModel> model);

}  // namespace millrace
