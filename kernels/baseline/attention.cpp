#include <algorithm>

#include "kernels/baseline/baseline.h"
#include "kernels/float16.h"

namespace millrace::kernels::baseline {
namespace {

float value_of(float x) { return x; }
float value_of(uint16_t x) { return widen(x); }

template <class T>
void scores_of(const DirectArgs& args) {
  const auto* rows = static_cast<const T*>(args.kv);
  for (int i = 0; i < args.queries; ++i) {
    const float* q = args.q + static_cast<size_t>(i) * args.q_stride;
    float* scores = args.scores + static_cast<size_t>(i) * args.scores_stride;
    for (int64_t j = 0; j < args.keys; ++j) {
      const T* k = rows + static_cast<size_t>(j) * args.kv_stride;
      float sum = 0;
      for (int d = 0; d < args.head_dim; ++d) sum += q[d] * value_of(k[d]);
      scores[j] = sum;
    }
  }
}

template <class T>
void weighted_sum_of(const DirectArgs& args) {
  const auto* rows = static_cast<const T*>(args.kv);
  for (int i = 0; i < args.queries; ++i) {
    const float* scores = args.scores + static_cast<size_t>(i) * args.scores_stride;
    float* out = args.out + static_cast<size_t>(i) * args.out_stride;
    std::fill_n(out, args.head_dim, 0.f);
    for (int64_t j = 0; j < args.keys; ++j) {
      const T* v = rows + static_cast<size_t>(j) * args.kv_stride;
      for (int d = 0; d < args.head_dim; ++d) out[d] += scores[j] * value_of(v[d]);
    }
  }
}

}  // namespace

void attention_softmax(float* scores, int64_t visible, int64_t width, float scale, const float* mask) {
  for (int64_t j = 0; j < visible; ++j)
    scores[j] = mask != nullptr ? scores[j] * scale + mask[j] : scores[j] * scale;
  softmax(scores, visible);
  std::fill(scores + visible, scores + width, 0.f);
}

void attention_scores(const DirectArgs& args) {
  args.bfloat16 ? scores_of<uint16_t>(args) : scores_of<float>(args);
}

void attention_weighted_sum(const DirectArgs& args) {
  args.bfloat16 ? weighted_sum_of<uint16_t>(args) : weighted_sum_of<float>(args);
}

}  // namespace millrace::kernels::baseline
