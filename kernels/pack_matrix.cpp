#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "kernels/float16.h"
#include "kernels/pack_groups.h"
#include "kernels/packed_matrix.h"
#include "kernels/parallel.h"
#include "kernels/quantised_block.h"

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

void pack_int4_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel,
                     std::byte* out) {
  const int columns = matrix.kernel().panel_columns;
  float room[kGroup];
  for (int c = 0; c < columns; ++c) {
    const int64_t row = panel * columns + c;
    if (row >= matrix.outputs) break;
    for (int64_t first = 0; first < matrix.inputs; first += kGroup) {
      const int count = static_cast<int>(std::min<int64_t>(kGroup, matrix.inputs - first));
      pack_int4_group(matrix, out, first / kGroup, c, source.read(row, first, count, room), count);
    }
  }
}

size_t bytes_of_panel(WeightType type, int columns, int64_t padded_inputs) {
  if (is_grouped(type))
    return static_cast<size_t>(columns * group_format(type).column_bytes(padded_inputs / kGroup));
  const size_t value = type == WeightType::float32 ? 4 : type == WeightType::bfloat16 ? 2 : 1;
  return static_cast<size_t>(columns) * static_cast<size_t>(padded_inputs) * value;
}

std::shared_ptr<PackedMatrix::Impl> empty_matrix(WeightType type, int64_t outputs, int64_t inputs) {
  auto matrix = std::make_shared<PackedMatrix::Impl>();
  matrix->table = &active_table();
  matrix->type = type;
  matrix->outputs = outputs;
  matrix->inputs = inputs;
  const int64_t padding = input_padding(type), columns = matrix->kernel().panel_columns;
  assert(columns <= kMostColumns);
  matrix->padded_inputs = (inputs + padding - 1) / padding * padding;
  matrix->panels = (outputs + columns - 1) / columns;
  matrix->panel_bytes = bytes_of_panel(type, static_cast<int>(columns), matrix->padded_inputs);
  matrix->data = LargeBuffer(static_cast<size_t>(matrix->panels) * matrix->panel_bytes);
  return matrix;
}

}  // namespace

std::string_view name_of(WeightType type) {
  constexpr std::string_view kPlain[] = {"float32", "bfloat16", "int8", "int4"};
  if (type <= WeightType::int4) return kPlain[static_cast<size_t>(type)];
  return block_of(type).name;
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
  auto matrix = empty_matrix(type, weights.dim(0), weights.dim(1));
  const int64_t columns = matrix->kernel().panel_columns;
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
      default:
        fail(ErrorKind::internal, "floats cannot be packed as {}", name_of(type));
    }
  });
  return PackedMatrix(std::move(matrix));
}

PackedMatrix pack_matrix(std::span<const QuantisedRows> parts) {
  std::vector<const std::byte*> rows;
  const QuantisedRows& first = parts.front();
  const GgmlBlock block = block_of(first.type);
  if (block.values == 0 || first.inputs % block.values != 0)
    fail(ErrorKind::internal, "rows of {} values are no whole blocks of {}", first.inputs,
         name_of(first.type));
  const size_t row_bytes = static_cast<size_t>(first.inputs / block.values) * block.bytes;
  for (const QuantisedRows& part : parts) {
    if (part.type != first.type || part.inputs != first.inputs ||
        part.blocks.size() != static_cast<size_t>(part.outputs) * row_bytes)
      fail(ErrorKind::internal, "{} rows of {} {} values do not fit {} bytes, or those above them",
           part.outputs, part.inputs, name_of(part.type), part.blocks.size());
    for (size_t row = 0; row < static_cast<size_t>(part.outputs); ++row)
      rows.push_back(part.blocks.data() + row * row_bytes);
  }
  auto matrix = empty_matrix(first.type, static_cast<int64_t>(rows.size()), first.inputs);
  const auto columns = static_cast<size_t>(matrix->kernel().panel_columns);
  rows.resize(static_cast<size_t>(matrix->panels) * columns);
  parallel_chunks(matrix->panels, [&](int64_t i) {
    const auto panel = static_cast<size_t>(i);
    pack_quantised_panel(*matrix, matrix->data.data() + panel * matrix->panel_bytes,
                         rows.data() + panel * columns);
  });
  return PackedMatrix(std::move(matrix));
}

void unpack_row(const PackedMatrix& packed, int64_t row, float* out) {
  const PackedMatrix::Impl& matrix = packed.impl();
  assert(row >= 0 && row < matrix.outputs);
  if (is_grouped(matrix.type)) return unpack_grouped_row(matrix, row, out);
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
      default:
        break;
    }
  }
}

}  // namespace millrace::kernels
