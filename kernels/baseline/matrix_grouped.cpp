#include <algorithm>
#include <cmath>

#include "base/tensor.h"
#include "kernels/baseline/baseline.h"
#include "kernels/grouped_panel.h"

namespace millrace::kernels::baseline {
namespace {

constexpr int kColumns = 16;

// 32 activations of a row: x ≈ scale * values, and the sums of the values of each half.
struct Group {
  int8_t values[kGroup];
  float scale;
  int32_t sum[2];
};

int64_t groups_of(int64_t inputs) { return (inputs + kGroup - 1) / kGroup; }

size_t prepared_bytes(int rows, int64_t inputs) {
  return static_cast<size_t>(rows) * static_cast<size_t>(groups_of(inputs)) * sizeof(Group);
}

void prepare(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) {
  auto* group = static_cast<Group*>(prepared);
  for (int r = 0; r < rows; ++r) {
    const float* x = a + static_cast<size_t>(r) * a_stride;
    for (int64_t k = 0; k < inputs; k += kGroup, ++group) {
      const int count = static_cast<int>(std::min<int64_t>(kGroup, inputs - k));
      float top = 0;
      for (int i = 0; i < count; ++i) top = std::max(top, std::fabs(x[k + i]));
      group->scale = top > 1e-30f ? top / 127 : 1;
      const float inverse = 1 / group->scale;
      group->sum[0] = group->sum[1] = 0;
      for (int i = 0; i < kGroup; ++i) {
        group->values[i] = i < count ? static_cast<int8_t>(std::lrint(x[k + i] * inverse)) : int8_t{0};
        group->sum[i / 16] += group->values[i];
      }
    }
  }
}

// Sums of group g for one column: of whole numbers as long as they share a scale.
float group_sum(const GroupedPanelReader& panel, int64_t g, int c, const Group& x) {
  const GroupFormat& format = panel.format();
  uint8_t code[kGroup];
  panel.codes(g, c, code);
  int32_t sum[2] = {-format.offset * x.sum[0], -format.offset * x.sum[1]};
  for (int i = 0; i < kGroup; ++i) sum[i / 16] += (format.table ? kTable[code[i]] : code[i]) * x.values[i];
  const float scale = millrace::float16_to_float(panel.scale(g, c)),
              minimum = millrace::float16_to_float(panel.minimum(g, c));
  float result = 0;
  if (!format.shared) {
    result = scale * static_cast<float>(sum[0] + sum[1]) + minimum * static_cast<float>(x.sum[0] + x.sum[1]);
  } else if (!format.halves) {
    result = scale * panel.own_scale_of(g, 0, c) * static_cast<float>(sum[0] + sum[1]) +
             minimum * panel.own_minimum_of(g, 0, c) * static_cast<float>(x.sum[0] + x.sum[1]);
  } else {
    for (int half = 0; half < 2; ++half)
      result += scale * panel.own_scale_of(g, half, c) * static_cast<float>(sum[half]) +
                minimum * panel.own_minimum_of(g, half, c) * static_cast<float>(x.sum[half]);
  }
  return result * x.scale;
}

template <WeightType kType>
void tile(const TileArgs& args) {
  const int64_t groups = groups_of(args.inputs);
  for (int p = 0; p < args.panels; ++p) {
    const GroupedPanelReader panel(kType, kColumns, args.panel + static_cast<size_t>(p) * args.panel_bytes);
    for (int r = 0; r < args.rows; ++r) {
      const auto* x = static_cast<const Group*>(args.a) + r * groups;
      float sums[kColumns] = {};
      for (int64_t g = 0; g < groups; ++g) {
        for (int c = 0; c < kColumns; ++c) sums[c] += group_sum(panel, g, c, x[g]);
      }
      std::copy_n(sums, kColumns, args.out + static_cast<size_t>(r) * args.out_stride + p * kColumns);
    }
  }
}

template <WeightType kType>
MatrixKernel kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = 6,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = tile<kType>};
}

}  // namespace

MatrixKernel grouped_kernel(WeightType type) {
  return with_grouped_type(type, []<WeightType kType>() { return kernel<kType>(); });
}

}  // namespace millrace::kernels::baseline
