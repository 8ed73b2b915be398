#include "kernels/attention.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace millrace::kernels {
namespace {

constexpr int64_t kSerialWork = 1 << 15;  // multiplications below which threads cost more than they save

void attend(const KernelTable& table, const AttentionShape& shape, const AttentionSequence& sequence,
            int head) {
  const auto width = static_cast<size_t>(shape.head_dim);
  const size_t kv_at =
      static_cast<size_t>(head / (shape.heads / shape.kv_heads)) * width * size_of(shape.kv_type);
  const int64_t keys = visible_keys(shape, sequence, sequence.queries - 1);
  const auto stride = static_cast<size_t>(keys + 15) / 16 * 16;
  auto* scores = reinterpret_cast<float*>(
      thread_scratch(static_cast<size_t>(sequence.queries) * stride * sizeof(float)));
  DirectArgs args{.q = sequence.q + static_cast<size_t>(head) * width,
                  .q_stride = shape.q_stride,
                  .queries = static_cast<int>(sequence.queries),
                  .kv = static_cast<const std::byte*>(sequence.k) + kv_at,
                  .bfloat16 = shape.kv_type == DType::bfloat16,
                  .kv_stride = shape.kv_stride,
                  .keys = keys,
                  .head_dim = shape.head_dim,
                  .scores = scores,
                  .scores_stride = stride,
                  .out = sequence.out + static_cast<size_t>(head) * width,
                  .out_stride = shape.out_stride};
  table.attention_scores(args);
  softmax_scores(table, shape, sequence, head, 0, sequence.queries, scores, stride, keys);
  args.kv = static_cast<const std::byte*>(sequence.v) + kv_at;
  table.attention_weighted_sum(args);
}

}  // namespace

void attend_directly(const KernelTable& table, const AttentionShape& shape,
                     std::span<const AttentionSequence* const> sequences) {
  int64_t work = 0;
  for (const AttentionSequence* sequence : sequences) {
    work += sequence->queries * sequence->keys * shape.heads * shape.head_dim * 2;
  }
  // Neighbouring heads lie in the same rows: a chunk takes a few of them.
  const int64_t tasks = static_cast<int64_t>(sequences.size()) * shape.heads;
  const int64_t chunks = work < kSerialWork ? 1 : std::min(tasks, 4 * thread_count());
  parallel_chunks(chunks, [&](int64_t chunk) {
    for (int64_t i = tasks * chunk / chunks; i < tasks * (chunk + 1) / chunks; ++i) {
      attend(table, shape, *sequences[static_cast<size_t>(i / shape.heads)],
             static_cast<int>(i % shape.heads));
    }
  });
}

}  // namespace millrace::kernels
