#pragma once
#include <string_view>
#include <vector>

#include "backends/multimodal_model.h"
#include "decoders/multimodal_prompt.h"

namespace millrace {

// The argument that says what each position is: MultimodalModel::blocks(); and that which says it where
// positions stand in a grid, 1 for a picture's.
inline constexpr const char* kTokenTypes = "token_type_ids";
inline constexpr const char* kMediaTypes = "mm_token_type_ids";

// All rows of media stand in `text` ("'input_ids'", for people); else Error(input).
void check_all_used(const MediaRows& media, std::string_view kind, TokenId token, std::string_view text);

// Embeddings [T, width] of each row of input_ids, with those of media in their places. Another number of
// places than the media fill is Error(input).
std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids, PromptMedia media);

// The rows of a batch, from the arguments of the methods `forward` and `generate`.
std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model, const NamedTensors& arguments);

}  // namespace millrace
