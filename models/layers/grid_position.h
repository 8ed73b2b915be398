#pragma once
#include <array>
#include <cstdint>

namespace millrace {

// Where something is in time, in height and in width, as rotary embeddings see it. Of text all three are the
// same.
using GridPosition = std::array<int64_t, 3>;

constexpr GridPosition position_in_text(int64_t position) { return {position, position, position}; }

}  // namespace millrace
