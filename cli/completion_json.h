#pragma once
#include <nlohmann/json.hpp>

#include "nodes/text_packets.h"

namespace millrace::cli {

// The OpenAI API's word for it, and "cancelled".
const char* name_of(FinishReason reason);

// The OpenAI API's `chat.completion`, with `timings` beside `usage`.
nlohmann::ordered_json chat_completion(const Completion& completion);
// Its `text_completion`.
nlohmann::ordered_json text_completion(const Completion& completion);

}  // namespace millrace::cli
