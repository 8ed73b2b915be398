#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "kernels/float16.h"
#include "kernels/packed_matrix.h"
#include "kernels/parallel.h"

namespace millrace::kernels {
namespace {

// Some rows of the source as float32, without a copy of the whole.
class SourceRows {
 public:
  SourceRows(const Tensor& weights, const KernelTable& table)
      : dtype_(weights.dtype()), columns_(weights.dim(1)), bytes_(weights.bytes().data()), table_(table) {}

  // Inputs [first, first + count) of `row` as float32, in `room` where they have to be converted.
  const float* read(int64_t row, int64_t first, int64_t count, float* room) const {
    const auto index = static_cast<size_t>(row * columns_ + first);
    const std::byte* from = bytes_ + index * size_of(dtype_);
    const bool aligned = reinterpret_cast<uintptr_t>(from) % size_of(dtype_) == 0;
    if (dtype_ == DType::float32) {
      if (aligned) return reinterpret_cast<const float*>(from);
      std::memcpy(room, from, static_cast<size_t>(count) * sizeof(float));
    } else if (dtype_ == DType::float16) {
      table_.float16_to_float(reinterpret_cast<const uint16_t*>(from), count, room);
    } else {
      table_.bfloat16_to_float(reinterpret_cast<const uint16_t*>(from), count, room);
    }
    return room;
  }

 private:
  DType dtype_;
  int64_t columns_;
  const std::byte* bytes_;
  const KernelTable& table_;
};

constexpr int64_t kStep = 256;  // inputs turned at a time: a panel's worth stays in the second-level cache
constexpr int kMostColumns = 64;

// A panel of float32, bfloat16 or int8 is a matrix of 4-byte units, turned: `row_units` gives the units of
// the inputs from `first` on of one output, in `room` where they have to be made.
template <class RowUnits>
void turn_panel(const PackedMatrix::Impl& matrix, int64_t panel, int inputs_per_unit, std::byte* out,
                const RowUnits& row_units) {
  const int columns = matrix.kernel().panel_columns;
  const float* rows[kMostColumns];
  alignas(64) float room[kMostColumns * kStep];
  alignas(64) static constexpr float kZeros[kStep] = {};
  auto* units = reinterpret_cast<float*>(out);
  for (int64_t first = 0; first < matrix.inputs; first += kStep) {
    const int64_t count = std::min(kStep, matrix.inputs - first);
    for (int c = 0; c < columns; ++c) {
      const int64_t row = panel * columns + c;
      rows[c] = row < matrix.outputs ? row_units(row, first, count, room + c * kStep) : kZeros;
    }
    const int64_t unit_count = (count + inputs_per_unit - 1) / inputs_per_unit;
    matrix.table->interleave(rows, columns, unit_count, units + first / inputs_per_unit * columns);
  }
}

void pack_float32_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel,
                        std::byte* out) {
  turn_panel(matrix, panel, 1, out, [&](int64_t row, int64_t first, int64_t count, float* room) {
    return source.read(row, first, count, room);
  });
}

void pack_bfloat16_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel,
                         std::byte* out) {
  float values[kStep];
  turn_panel(matrix, panel, 2, out, [&](int64_t row, int64_t first, int64_t count, float* room) {
    auto* halves = reinterpret_cast<uint16_t*>(room);
    matrix.table->float_to_bfloat16(source.read(row, first, count, values), count, halves);
    if (count % 2 != 0) halves[count] = 0;
    return room;
  });
}

float largest_magnitude(const float* x, int64_t count) {
  int32_t top = 0;  // magnitudes order like their bits, and whole numbers' maxima can be taken in any order
  for (int64_t k = 0; k < count; ++k) top = std::max(top, std::bit_cast<int32_t>(x[k]) & 0x7fffffff);
  return std::bit_cast<float>(top);
}

void pack_int8_panel(const SourceRows& source, PackedMatrix::Impl& matrix, int64_t panel, std::byte* out) {
  const int columns = matrix.kernel().panel_columns;
  float values[kStep];
  for (int c = 0; c < columns; ++c) {
    const int64_t row = panel * columns + c;
    if (row >= matrix.outputs) break;
    float top = 0;
    for (int64_t first = 0; first < matrix.inputs; first += kStep) {
      const int64_t count = std::min(kStep, matrix.inputs - first);
      top = std::max(top, largest_magnitude(source.read(row, first, count, values), count));
    }
    matrix.scale[static_cast<size_t>(row)] = top > 1e-30f ? top / 127 : 1;
  }
  turn_panel(matrix, panel, 4, out, [&](int64_t row, int64_t first, int64_t count, float* room) {
    const float* x = source.read(row, first, count, values);
    const float inverse = 1 / matrix.scale[static_cast<size_t>(row)];
    auto* bytes = reinterpret_cast<int8_t*>(room);
    int32_t sum = 0;
    for (int64_t k = 0; k < count; ++k) {
      const int value = std::clamp(round_to_int(x[k] * inverse), -127, 127);
      bytes[k] = static_cast<int8_t>(value);
      sum += value;
    }
    matrix.sum[static_cast<size_t>(row)] += sum;
    for (int64_t k = count; k % 4 != 0; ++k) bytes[k] = 0;
    return room;
  });
}

// As GGML's Q4_0: the value of largest magnitude becomes -8.
void pack_int4_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel,
                     std::byte* out) {
  const int columns = matrix.kernel().panel_columns;
  const size_t group_bytes = static_cast<size_t>(columns) * (2 + kGroup / 2);
  float room[kGroup];
  for (int c = 0; c < columns; ++c) {
    const int64_t row = panel * columns + c;
    for (int64_t first = 0; first < matrix.inputs; first += kGroup) {
      std::byte* group = out + static_cast<size_t>(first / kGroup) * group_bytes;
      const int count = static_cast<int>(std::min<int64_t>(kGroup, matrix.inputs - first));
      const float* x = row < matrix.outputs ? source.read(row, first, count, room) : nullptr;
      float extreme = 0;
      for (int i = 0; x != nullptr && i < count; ++i) {
        if (std::fabs(x[i]) > std::fabs(extreme)) extreme = x[i];
      }
      const uint16_t half = float_to_float16(extreme / -8);
      const float scale = float16_to_float(half);
      const float inverse = scale != 0 ? 1 / scale : 0;
      reinterpret_cast<uint16_t*>(group)[c] = half;
      auto* nibbles = reinterpret_cast<uint8_t*>(group) + columns * 2 + c * 4;
      for (int i = 0; i < kGroup; ++i) {
        const float value = x != nullptr && i < count ? x[i] : 0;
        const int q = std::clamp(round_to_int(value * inverse) + 8, 0, 15);
        uint8_t& both = nibbles[i % 16 / 4 * columns * 4 + i % 4];
        both = static_cast<uint8_t>(i < 16 ? q : both | q << 4);
      }
    }
  }
}

size_t bytes_of_panel(WeightType type, int columns, int64_t padded_inputs) {
  const auto values = static_cast<size_t>(columns) * static_cast<size_t>(padded_inputs);
  switch (type) {
    case WeightType::float32:
      return values * 4;
    case WeightType::bfloat16:
      return values * 2;
    case WeightType::int8:
      return values;
    case WeightType::int4:
      return values / kGroup * (2 + kGroup / 2);
  }
  return 0;
}

}  // namespace

std::string_view name_of(WeightType type) {
  switch (type) {
    case WeightType::float32:
      return "float32";
    case WeightType::bfloat16:
      return "bfloat16";
    case WeightType::int8:
      return "int8";
    case WeightType::int4:
      return "int4";
  }
  return "?";
}

int64_t PackedMatrix::outputs() const { return impl_->outputs; }
int64_t PackedMatrix::inputs() const { return impl_->inputs; }
WeightType PackedMatrix::type() const { return impl_->type; }
size_t PackedMatrix::bytes() const {
  return impl_->data.size() + impl_->scale.size() * sizeof(float) + impl_->sum.size() * sizeof(int32_t);
}

PackedMatrix pack_matrix(const Tensor& weights, WeightType type) {
  if (weights.rank() != 2)
    fail(ErrorKind::internal, "a matrix to pack has shape {}", to_string(weights.shape()));
  const DType dtype = weights.dtype();
  if (dtype != DType::float32 && dtype != DType::float16 && dtype != DType::bfloat16) {
    return pack_matrix(weights.to_float32(), type);
  }
  auto matrix = std::make_shared<PackedMatrix::Impl>();
  matrix->table = &active_table();
  matrix->type = type;
  matrix->outputs = weights.dim(0);
  matrix->inputs = weights.dim(1);
  const int64_t padding = input_padding(type), columns = matrix->kernel().panel_columns;
  assert(columns <= kMostColumns);
  matrix->padded_inputs = (matrix->inputs + padding - 1) / padding * padding;
  matrix->panels = (matrix->outputs + columns - 1) / columns;
  matrix->panel_bytes = bytes_of_panel(type, static_cast<int>(columns), matrix->padded_inputs);
  matrix->data = LargeBuffer(static_cast<size_t>(matrix->panels) * matrix->panel_bytes);
  if (type == WeightType::int8) {
    matrix->scale.resize(static_cast<size_t>(matrix->panels * columns));
    matrix->sum.resize(static_cast<size_t>(matrix->panels * columns));
  }
  const SourceRows source(weights, *matrix->table);
  parallel_chunks(matrix->panels, [&](int64_t panel) {
    std::byte* out = matrix->data.data() + static_cast<size_t>(panel) * matrix->panel_bytes;
    switch (type) {
      case WeightType::float32:
        pack_float32_panel(source, *matrix, panel, out);
        break;
      case WeightType::bfloat16:
        pack_bfloat16_panel(source, *matrix, panel, out);
        break;
      case WeightType::int8:
        pack_int8_panel(source, *matrix, panel, out);
        break;
      case WeightType::int4:
        pack_int4_panel(source, *matrix, panel, out);
        break;
    }
  });
  return PackedMatrix(std::move(matrix));
}

void unpack_row(const PackedMatrix& packed, int64_t row, float* out) {
  const PackedMatrix::Impl& matrix = packed.impl();
  assert(row >= 0 && row < matrix.outputs);
  const int64_t columns = matrix.kernel().panel_columns, c = row % columns;
  const std::byte* panel = matrix.panel(row / columns);
  for (int64_t k = 0; k < matrix.inputs; ++k) {
    switch (matrix.type) {
      case WeightType::float32:
        out[k] = reinterpret_cast<const float*>(panel)[k * columns + c];
        break;
      case WeightType::bfloat16:
        out[k] =
            bfloat16_to_float(reinterpret_cast<const uint16_t*>(panel)[k / 2 * columns * 2 + c * 2 + k % 2]);
        break;
      case WeightType::int8:
        out[k] =
            matrix.scale[static_cast<size_t>(row)] *
            static_cast<float>(reinterpret_cast<const int8_t*>(panel)[k / 4 * columns * 4 + c * 4 + k % 4]);
        break;
      case WeightType::int4: {
        const std::byte* group = panel + static_cast<size_t>(k / kGroup * columns) * (2 + kGroup / 2);
        const auto* nibbles = reinterpret_cast<const uint8_t*>(group) + columns * 2 + c * 4;
        const int64_t i = k % kGroup;
        const int both = nibbles[i % 16 / 4 * columns * 4 + i % 4];
        out[k] = float16_to_float(reinterpret_cast<const uint16_t*>(group)[c]) *
                 static_cast<float>((i < 16 ? both & 15 : both >> 4) - 8);
        break;
      }
    }
  }
}

}  // namespace millrace::kernels
