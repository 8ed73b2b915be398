#pragma once
#include <cstdint>
#include <memory>

#include "kernels/kernels.h"
#include "models/layers/rotary_embedding.h"
#include "models/settings.h"

namespace millrace {

// The sizes and variant of multi-head attention (Vaswani et al., 2017) with grouped keys and values (Ainslie
// et al., 2023).
struct AttentionOptions {
  int64_t width = 0;  // of the states that come in and go out
  int64_t heads = 0, kv_heads = 0, head_dim = 0;
  bool causal = false;
  float scale = 1;
  float softcap = 0;  // 0: none
  float clip = 0;     // bounds the projections; 0: none
  // Beside padding, its mask is added to that of order: rows of padding see no later ones.
  bool added_masks = false;
  int64_t window = 0;  // keys that a query sees, itself among them; 0: all
  // Rows of a block (SequenceRows::blocks) see each other beyond the window, too.
  bool wide_blocks = false;
  // In a joint projection each key/value head follows the queries that read it.
  bool grouped_projection = false;
  std::shared_ptr<const RotaryEmbedding> rotary;  // null: none
  size_t rotary_index = 0;                        // which of the step's angles are its

  int64_t query_width() const { return heads * head_dim; }
  int64_t kv_width() const { return kv_heads * head_dim; }
};

// From the settings width, heads, and where given kv_heads (or joint_width, the rows of the joint projection,
// which tell), head_dim, attention_scale (or attention_scale_dim, of which it is the inverse square root; of
// head_dim otherwise), attention_softcap, projection_clip, added_masks, wide_blocks and grouped_projection.
// Windows and rotary embeddings differ by layer.
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
