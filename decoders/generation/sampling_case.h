#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "decoders/rules/distribution.h"

namespace millrace {

// What one step of generation makes of a case given as JSON:
//   {"logits": [0.5, null, …], "prompt_ids": [1], "generated_ids": [2], "params": {"temperature": 0.7}}
// with null for -infinity and params as options of generation (generation_options.h). The chances are those
// of a draw; of a greedy step, of which temperature is no part, softmax of what the rules leave, as
// transformers sees it; at temperature 0, the token that is taken. Error(input) at `place`.
TokenChances sampling_case(const nlohmann::json& document, const std::string& place);

}  // namespace millrace
