#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

// Adds a number to what the trace tells of the node's call that this thread is in: how often something was
// done there.
void note_in_trace(std::string_view name, int64_t value);

// What was noted since the last time, as members of a JSON object, each after a comma.
std::string take_trace_notes();

}  // namespace millrace
