#pragma once
#include "kernels/kernel_table.h"
#include "kernels/simd/attention.h"
#include "kernels/simd/convert.h"
#include "kernels/simd/depthwise.h"
#include "kernels/simd/finish.h"
#include "kernels/simd/rows.h"
#include "kernels/simd/tile.h"

namespace millrace::kernels::simd {

// Everything that an instruction set gains from its vector type alone; panels are kVectors vectors wide.
template <class V, int kVectors>
void override_with(KernelTable& table) {
  constexpr int kColumns = V::kLanes * kVectors;
  MatrixKernel& exact = table.matrix[static_cast<int>(WeightType::float32)];
  exact.panel_columns = kColumns;
  exact.tile_rows = kTileRows;
  exact.tile = run_tiles<V, kVectors, Float32Tile>;
  exact.finishes = true;
  MatrixKernel& half = table.matrix[static_cast<int>(WeightType::bfloat16)];
  half.panel_columns = kColumns;
  half.tile_rows = kTileRows;
  half.tile = run_tiles<V, kVectors, Bfloat16Tile>;
  half.finishes = true;
  half.unpacked_tile_rows = kTileRows;
  half.unpacked_bytes = widened_bytes<kColumns>;
  half.unpack = widen_panel<V, kVectors>;
  half.unpacked_tile = exact.tile;
  table.finish = finish<V>;
  table.layer_norm = layer_norm<V>;
  table.rms_norm = rms_norm<V>;
  table.softmax = softmax<V>;
  table.log_softmax = log_softmax<V>;
  table.add = add<V>;
  table.activate = simd::activate<V>;
  table.attention_softmax = attention_softmax<V>;
  table.attention_scores = attention_scores<V>;
  table.attention_weighted_sum = attention_weighted_sum<V>;
  table.depthwise_row = depthwise_row<V>;
  table.float16_to_float = float16_to_float<V>;
  table.bfloat16_to_float = bfloat16_to_float<V>;
  table.float_to_bfloat16 = float_to_bfloat16<V>;
}

}  // namespace millrace::kernels::simd
