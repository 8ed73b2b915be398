#include <algorithm>
#include <cmath>

#include "base/tensor.h"
#include "kernels/baseline/baseline.h"
#include "kernels/grouped_panel.h"

namespace millrace::kernels::baseline {
namespace {

constexpr int kColumns = 16, kTileRows = 6;

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

// Group g of one column, taken apart for all rows.
struct Column {
  int16_t code[kGroup];  // less the offset
  float scale[2], minimum[2];

  Column(const GroupedPanelReader& panel, int64_t g, int c) {
    const GroupFormat& format = panel.format();
    uint8_t codes[kGroup];
    panel.codes(g, c, codes);
    for (int i = 0; i < kGroup; ++i)
      code[i] = static_cast<int16_t>((format.table ? kTable[codes[i]] : codes[i]) - format.offset);
    const float shared_scale = millrace::float16_to_float(panel.scale(g, c)),
                shared_minimum = millrace::float16_to_float(panel.minimum(g, c));
    for (int half = 0; half < 2; ++half) {
      const int own = format.halves ? half : 0;
      scale[half] = format.shared ? shared_scale * panel.own_scale_of(g, own, c) : shared_scale;
      minimum[half] = format.shared ? shared_minimum * panel.own_minimum_of(g, own, c) : shared_minimum;
    }
  }

  // Sums of whole numbers, as long as they share a scale.
  float times(const Group& x, bool halves) const {
    int32_t sum[2] = {0, 0};
    for (int i = 0; i < kGroup / 2; ++i) {
      sum[0] += code[i] * x.values[i];
      sum[1] += code[i + kGroup / 2] * x.values[i + kGroup / 2];
    }
    float result = 0;
    if (halves) {
      for (int half = 0; half < 2; ++half)
        result +=
            scale[half] * static_cast<float>(sum[half]) + minimum[half] * static_cast<float>(x.sum[half]);
    } else {
      result = scale[0] * static_cast<float>(sum[0] + sum[1]) +
               minimum[0] * static_cast<float>(x.sum[0] + x.sum[1]);
    }
    return result * x.scale;
  }
};

template <WeightType kType>
void tile(const TileArgs& args) {
  const int64_t groups = groups_of(args.inputs);
  for (int p = 0; p < args.panels; ++p) {
    const GroupedPanelReader panel(kType, kColumns, args.panel + static_cast<size_t>(p) * args.panel_bytes);
    float sums[kTileRows][kColumns] = {};
    for (int64_t g = 0; g < groups; ++g) {
      for (int c = 0; c < kColumns; ++c) {
        const Column column(panel, g, c);
        for (int r = 0; r < args.rows; ++r)
          sums[r][c] +=
              column.times(static_cast<const Group*>(args.a)[r * groups + g], panel.format().halves);
      }
    }
    for (int r = 0; r < args.rows; ++r)
      std::copy_n(sums[r], kColumns, args.out + static_cast<size_t>(r) * args.out_stride + p * kColumns);
  }
}

template <WeightType kType>
MatrixKernel kernel() {
  return {.panel_columns = kColumns,
          .tile_rows = kTileRows,
          .prepared_bytes = prepared_bytes,
          .prepare = prepare,
          .tile = tile<kType>};
}

}  // namespace

MatrixKernel grouped_kernel(WeightType type) {
  return with_grouped_type(type, []<WeightType kType>() { return kernel<kType>(); });
}

}  // namespace millrace::kernels::baseline
