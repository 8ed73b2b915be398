#pragma once
#include <vector>

#include "backends/multimodal_model.h"

namespace millrace {

// The argument that says what each position is: MultimodalModel::blocks(); and that which says it where
// positions stand in a grid, 1 for a picture's.
inline constexpr const char* kTokenTypes = "token_type_ids";
inline constexpr const char* kMediaTypes = "mm_token_type_ids";

// A prompt as the text decoder of a multimodal model is fed it.
struct MultimodalPrompt {
  Tensor embeddings;                         // [positions, width]
  std::vector<int32_t> blocks;               // DecoderFeed::blocks; empty: none
  std::vector<GridPosition> positions = {};  // DecoderFeed::positions, and so on
  std::vector<const float*> deep = {};
  int64_t deep_layers = 0;
  Tensor media = {};  // holds what `deep` points to

  // In slot 0 of a session. The prompt outlives it.
  DecoderFeed feed() const;
  // Without the positions where `mask` is 0, padding that only makes prompts equally long. All of them is
  // Error(input).
  MultimodalPrompt without_padding(const std::vector<uint8_t>& mask) const;
};

// Embeddings [T, width] of each row of input_ids, with those of media in their places. Another number of
// places than the media fill is Error(input).
std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids, PromptMedia media);

// The rows of a batch, from the arguments of the methods `forward` and `generate`.
std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model, const NamedTensors& arguments);

}  // namespace millrace
