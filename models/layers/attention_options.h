#pragma once
#include <cstdint>

#include "kernels/kernels.h"
#include "models/settings.h"

namespace millrace {

// The sizes of multi-head attention (Vaswani et al., 2017) with grouped keys and values (Ainslie et al.,
// 2023).
struct AttentionOptions {
  int64_t width = 0;  // of the states that come in and go out
  int64_t heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = false;
  float scale = 1;

  int64_t query_width() const { return heads * head_dim; }
  int64_t kv_width() const { return kv_heads * head_dim; }
};

// From the settings `width`, `heads`, and where given `kv_heads` and `head_dim`; scaled by 1 /
// sqrt(head_dim).
AttentionOptions attention_options(const Settings& settings, bool causal);

// How a key/value cache holds its elements: exactly beside exact weights, in half the room beside others.
inline DType cache_type(kernels::WeightType weights) {
  return weights == kernels::WeightType::float32 ? DType::float32 : DType::bfloat16;
}
// How precisely scores may be computed beside such weights.
inline kernels::WeightType attention_precision(kernels::WeightType weights) {
  return weights == kernels::WeightType::float32 ? weights : kernels::WeightType::bfloat16;
}

}  // namespace millrace
