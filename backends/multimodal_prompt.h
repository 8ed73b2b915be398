#pragma once
#include <vector>

#include "backends/multimodal_model.h"
#include "decoders/multimodal_prompt.h"

namespace millrace {

// The argument that says what each position is: MultimodalModel::blocks().
inline constexpr const char* kTokenTypes = "token_type_ids";

// Embeddings [T, width] of each row of input_ids, with the pictures' in their places. Another number of
// places than the pictures fill is Error(input).
std::vector<Tensor> embedded_rows(const MultimodalModel& model, const Tensor& input_ids,
                                  const Tensor& pictures);

// The rows of a batch, from the arguments of the methods `forward` and `generate`.
std::vector<MultimodalPrompt> multimodal_prompts(const MultimodalModel& model, const NamedTensors& arguments);

}  // namespace millrace
