#include "kernels/baseline/baseline.h"

namespace millrace::kernels {

KernelTable baseline_table() {
  using namespace baseline;
  KernelTable table{};
  table.name = "baseline";
  table.matrix[static_cast<int>(WeightType::float32)] = kFloat32;
  table.matrix[static_cast<int>(WeightType::bfloat16)] = kBfloat16;
  table.matrix[static_cast<int>(WeightType::int8)] = kInt8;
  for (int i = static_cast<int>(WeightType::int4); i < kWeightTypes; ++i)
    table.matrix[i] = grouped_kernel(static_cast<WeightType>(i));
  table.finish = finish;
  table.layer_norm = layer_norm;
  table.rms_norm = rms_norm;
  table.softmax = softmax;
  table.log_softmax = log_softmax;
  table.add = add;
  table.activate = baseline::activate;
  table.attention_softmax = attention_softmax;
  table.attention_scores = attention_scores;
  table.attention_weighted_sum = attention_weighted_sum;
  table.depthwise_row = depthwise_row;
  table.interleave = interleave;
  table.float16_to_float = float16_to_float;
  table.bfloat16_to_float = bfloat16_to_float;
  table.float_to_bfloat16 = float_to_bfloat16;
  return table;
}

}  // namespace millrace::kernels
