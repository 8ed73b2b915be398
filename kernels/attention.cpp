#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/dispatch.h"
#include "kernels/kernel_table.h"
#include "kernels/kernels.h"
#include "kernels/parallel.h"

namespace millrace::kernels {
namespace {

float value_at(const void* rows, DType type, size_t index) {
  return type == DType::float32 ? static_cast<const float*>(rows)[index]
                                : bfloat16_to_float(static_cast<const uint16_t*>(rows)[index]);
}

void attend(const AttentionShape& shape, const AttentionSequence& sequence, int head, int64_t query) {
  const auto width = static_cast<size_t>(shape.head_dim);
  const size_t q_at = static_cast<size_t>(query) * shape.q_stride + static_cast<size_t>(head) * width;
  const size_t kv_at = static_cast<size_t>(head / (shape.heads / shape.kv_heads)) * width;
  const int64_t visible =
      shape.causal ? std::min(sequence.keys, sequence.first_position + query + 1) : sequence.keys;
  std::vector<float> scores(static_cast<size_t>(sequence.keys), -std::numeric_limits<float>::infinity());
  for (int64_t j = 0; j < visible; ++j) {
    float sum = 0;
    for (size_t d = 0; d < width; ++d) {
      sum += sequence.q[q_at + d] *
             value_at(sequence.k, shape.kv_type, static_cast<size_t>(j) * shape.kv_stride + kv_at + d);
    }
    scores[static_cast<size_t>(j)] =
        sum * shape.scale + (sequence.mask ? sequence.mask[query * sequence.keys + j] : 0);
  }
  active_table().softmax(scores.data(), sequence.keys);
  if (sequence.probabilities != nullptr) {
    std::copy(scores.begin(), scores.end(),
              sequence.probabilities + (head * sequence.queries + query) * sequence.keys);
  }
  std::vector<float> sums(width);
  for (int64_t j = 0; j < visible; ++j) {
    for (size_t d = 0; d < width; ++d) {
      sums[d] += scores[static_cast<size_t>(j)] *
                 value_at(sequence.v, shape.kv_type, static_cast<size_t>(j) * shape.kv_stride + kv_at + d);
    }
  }
  std::copy(sums.begin(), sums.end(),
            sequence.out + static_cast<size_t>(query) * shape.out_stride + static_cast<size_t>(head) * width);
}

}  // namespace

void attention(const AttentionShape& shape, std::span<const AttentionSequence> sequences) {
  assert(shape.heads % shape.kv_heads == 0);
  int64_t queries = 0;
  for (const AttentionSequence& sequence : sequences) queries += sequence.queries;
  parallel_chunks(queries * shape.heads, [&](int64_t i) {
    int64_t query = i / shape.heads;
    size_t s = 0;
    while (query >= sequences[s].queries) query -= sequences[s++].queries;
    attend(shape, sequences[s], static_cast<int>(i % shape.heads), query);
  });
}

}  // namespace millrace::kernels
