#pragma once
#include <cstdint>
#include <random>
#include <vector>

namespace millrace::fuzz {

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;

// A seed changed in one to eight ways: bits, bytes and numbers (binary and in text) overwritten; stretches
// cut out, doubled, moved, or taken from another seed; the end cut off.
Bytes mutated(const std::vector<Bytes>& seeds, Random& random);

}  // namespace millrace::fuzz
