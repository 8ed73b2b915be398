#pragma once
#include <algorithm>
#include <cmath>
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

// The first of the visible keys.
inline int64_t first_visible_key(const AttentionShape& shape, const AttentionSequence& sequence,
                                 int64_t query) {
  if (!shape.causal || shape.window == 0) return 0;
  return std::clamp<int64_t>(sequence.first_position + query + 1 - shape.window, 0,
                             visible_keys(shape, sequence, query));
}

// Scales scores [0, visible) of one row and adds what is added to them; the kernels do that themselves where
// there is at most a mask.
inline void adjust_scores(const AttentionShape& shape, int head, const float* mask, int64_t visible,
                          float* scores) {
  const float* bias = shape.key_bias != nullptr
                          ? shape.key_bias + static_cast<size_t>(head) * shape.key_bias_stride
                          : nullptr;
  for (int64_t k = 0; k < visible; ++k) {
    float score = scores[k] * shape.scale;
    if (shape.softcap != 0) score = std::tanh(score / shape.softcap) * shape.softcap;
    if (bias != nullptr) score += bias[k];
    if (mask != nullptr) score += mask[k];
    scores[k] = score;
  }
}

// Scores to probabilities for queries [first, first + count) of one head, and their copy to the caller if
// wanted. Columns that are not visible, up to `width`, become zeros too.
inline void softmax_scores(const KernelTable& table, const AttentionShape& shape,
                           const AttentionSequence& sequence, int head, int64_t first, int64_t count,
                           float* scores, size_t stride, int64_t width) {
  const bool adjusted = shape.softcap != 0 || shape.key_bias != nullptr;
  for (int64_t i = 0; i < count; ++i) {
    float* row = scores + static_cast<size_t>(i) * stride;
    const int64_t visible = visible_keys(shape, sequence, first + i);
    const int64_t begin = first_visible_key(shape, sequence, first + i);
    const float* mask = sequence.mask != nullptr
                            ? sequence.mask + head * sequence.mask_head_stride + (first + i) * sequence.keys
                            : nullptr;
    if (adjusted) {
      adjust_scores(shape, head, mask, visible, row);
      table.attention_softmax(row + begin, visible - begin, width - begin, 1, nullptr);
    } else {
      table.attention_softmax(row + begin, visible - begin, width - begin, shape.scale,
                              mask != nullptr ? mask + begin : nullptr);
    }
    std::fill_n(row, begin, 0.f);
    if (sequence.probabilities != nullptr) {
      float* to = sequence.probabilities + (head * sequence.queries + first + i) * sequence.keys;
      std::copy_n(row, visible, to);
      std::fill(to + visible, to + sequence.keys, 0.f);
    }
  }
}

}  // namespace millrace::kernels
