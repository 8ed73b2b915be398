#pragma once
#include <cstdint>
#include <vector>

namespace millrace {

// For each of `count` patches along an edge, the one of `trained` that is at its place, where the edge is as
// long as `seen` patches (Dehghani et al., "Patch n' Pack: NaViT", 2023). Rounded as torch rounds it, from
// which the trained size itself is no exception: with 25 patches some share a place. `count`, `seen`,
// `trained` at least 1.
std::vector<int64_t> position_buckets(int64_t count, int64_t seen, int64_t trained);

}  // namespace millrace
