#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "kernels/kernel_table.h"
#include "kernels/kernels.h"

// The two ways to compute attention; `attention` picks one for each sequence by its number of queries.
namespace millrace::kernels {

// Up to this many queries, packing the keys and values would cost more than it saves.
inline constexpr int64_t kDirectQueries = 8;

// Over the cache's rows as they lie: a task is one head of one sequence.
void attend_directly(const KernelTable& table, const AttentionShape& shape,
                     std::span<const AttentionSequence* const> sequences);
// As two matrix products over packed keys and values: a task is a block of queries of one head.
void attend_packed(const KernelTable& table, const AttentionShape& shape,
                   std::span<const AttentionSequence* const> sequences);

inline int64_t visible_keys(const AttentionShape& shape, const AttentionSequence& sequence, int64_t query) {
  return shape.causal ? std::clamp<int64_t>(sequence.first_position + query + 1, 0, sequence.keys)
                      : sequence.keys;
}

inline const float* mask_row(const AttentionSequence& sequence, int64_t query) {
  return sequence.mask != nullptr ? sequence.mask + query * sequence.keys : nullptr;
}

// Scores to probabilities for queries [first, first + count) of one head, and their copy to the caller if
// wanted. Columns past the last visible key of all of them, [width), become zeros too.
inline void softmax_scores(const KernelTable& table, const AttentionShape& shape,
                           const AttentionSequence& sequence, int head, int64_t first, int64_t count,
                           float* scores, size_t stride, int64_t width) {
  for (int64_t i = 0; i < count; ++i) {
    float* row = scores + static_cast<size_t>(i) * stride;
    const int64_t visible = visible_keys(shape, sequence, first + i);
    table.attention_softmax(row, visible, width, shape.scale, mask_row(sequence, first + i));
    if (sequence.probabilities != nullptr) {
      float* to = sequence.probabilities + (head * sequence.queries + first + i) * sequence.keys;
      std::copy_n(row, visible, to);
      std::fill(to + visible, to + sequence.keys, 0.f);
    }
  }
}

}  // namespace millrace::kernels
