#include "kernels/pack_groups.h"

#include <algorithm>
#include <cmath>

#include "kernels/float16.h"
#include "kernels/grouped_panel.h"

namespace millrace::kernels {

void pack_int4_group(const PackedMatrix::Impl& matrix, std::byte* panel, int64_t g, int c, const float* x,
                     int count) {
  const GroupedPanelWriter writer(matrix.type, matrix.kernel().panel_columns, panel);
  float extreme = 0;
  for (int i = 0; i < count; ++i) {
    if (std::fabs(x[i]) > std::fabs(extreme)) extreme = x[i];
  }
  const uint16_t half = float_to_float16(extreme / -8);
  const float scale = float16_to_float(half);
  const float inverse = scale != 0 ? 1 / scale : 0;
  uint8_t code[kGroup];
  for (int i = 0; i < kGroup; ++i)
    code[i] = static_cast<uint8_t>(std::clamp(round_to_int(i < count ? x[i] * inverse : 0) + 8, 0, 15));
  writer.put_halves(g, c, half, 0);
  writer.put_codes(g, c, code);
}

void pack_quantised_panel(const PackedMatrix::Impl& matrix, std::byte* panel, const std::byte* const* rows) {
  const int columns = matrix.kernel().panel_columns;
  const GroupedPanelWriter writer(matrix.type, columns, panel);
  const GroupFormat& format = writer.format();
  const int block_groups = format.shared ? kSharingGroups : 1;
  const auto block_bytes = block_of(matrix.type).bytes;
  const int halves = format.halves ? 2 : 1;
  QuantisedBlock block;
  for (int c = 0; c < columns; ++c) {
    const std::byte* from = rows[c];
    if (from == nullptr) continue;  // the panel is zeros already
    for (int64_t first = 0; first < matrix.inputs / kGroup; first += block_groups) {
      take_apart(matrix.type, from, block);
      from += block_bytes;
      const auto minimum =  // GGML subtracts a shared one
          static_cast<uint16_t>(block.minimum ^ (format.shared ? 0x8000 : 0));
      writer.put_halves(first, c, block.scale, minimum);
      for (int g = 0; g < block_groups; ++g) {
        for (int half = 0; format.shared && half < halves; ++half) {
          const int at = g * halves + half;
          writer.put_own(first + g, half, c, block.own_scale[at], block.own_minimum[at]);
        }
        writer.put_codes(first + g, c, block.code + g * kGroup);
      }
    }
  }
}

void unpack_grouped_row(const PackedMatrix::Impl& matrix, int64_t row, float* out) {
  const int columns = matrix.kernel().panel_columns;
  const auto c = static_cast<int>(row % columns);
  const GroupedPanelReader reader(matrix.type, columns, matrix.panel(row / columns));
  const GroupFormat& format = reader.format();
  for (int64_t g = 0; g * kGroup < matrix.inputs; ++g) {
    QuantisedBlock block;
    block.scale = reader.scale(g, c);
    block.minimum = static_cast<uint16_t>(reader.minimum(g, c) ^ (format.shared ? 0x8000 : 0));
    for (int half = 0; format.shared && half < (format.halves ? 2 : 1); ++half) {
      block.own_scale[half] = reader.own_scale_of(g, half, c);
      block.own_minimum[half] = reader.own_minimum_of(g, half, c);
    }
    reader.codes(g, c, block.code);
    float values[kGroup];
    dequantise(matrix.type, block, kGroup, values);
    std::copy_n(values, std::min<int64_t>(kGroup, matrix.inputs - g * kGroup), out + g * kGroup);
  }
}

}  // namespace millrace::kernels
