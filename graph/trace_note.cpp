#include "graph/trace_note.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace millrace {
namespace {

thread_local std::string notes;

}  // namespace

void note_in_trace(std::string_view name, int64_t value) {
  notes += ',' + nlohmann::json(name).dump() + ':' + std::to_string(value);
}

std::string take_trace_notes() { return std::exchange(notes, {}); }

}  // namespace millrace
