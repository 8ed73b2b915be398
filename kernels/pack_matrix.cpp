#include <algorithm>
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

constexpr int64_t kStep = 256;  // inputs converted at a time: a panel's worth stays in the first-level cache

// Values first … first + count of every row of a panel as rows of float32, `kStep` apart; rows past the end
// are zeros.
void read_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel, int64_t first,
                int64_t count, const float** rows, float* room) {
  const int columns = matrix.kernel().panel_columns;
  for (int c = 0; c < columns; ++c, room += kStep) {
    const int64_t row = panel * columns + c;
    if (row < matrix.outputs) {
      rows[c] = source.read(row, first, count, room);
    } else {
      std::fill_n(room, count, 0.f);
      rows[c] = room;
    }
  }
}

constexpr int kMostColumns = 64;

void pack_float_panel(const SourceRows& source, const PackedMatrix::Impl& matrix, int64_t panel,
                      std::byte* out) {
  const int columns = matrix.kernel().panel_columns;
  const float* rows[kMostColumns];
  float room[kMostColumns * kStep];
  for (int64_t first = 0; first < matrix.inputs; first += kStep) {
    const int64_t count = std::min(kStep, matrix.inputs - first);
    read_panel(source, matrix, panel, first, count, rows, room);
    if (matrix.type == WeightType::float32) {
      auto* to = reinterpret_cast<float*>(out) + first * columns;
      for (int64_t k = 0; k < count; ++k) {
        for (int c = 0; c < columns; ++c) to[k * columns + c] = rows[c][k];
      }
    } else {
      auto* to = reinterpret_cast<uint16_t*>(out) + first * columns;
      uint16_t converted[kStep];
      for (int c = 0; c < columns; ++c) {
        matrix.table->float_to_bfloat16(rows[c], count, converted);
        for (int64_t k = 0; k < count; ++k) to[k / 2 * columns * 2 + c * 2 + k % 2] = converted[k];
      }
    }
  }
}

void pack_int8_panel(const SourceRows& source, PackedMatrix::Impl& matrix, int64_t panel, std::byte* out) {
  const int columns = matrix.kernel().panel_columns;
  float room[kStep];
  for (int c = 0; c < columns; ++c) {
    const int64_t row = panel * columns + c;
    if (row >= matrix.outputs) return;
    float top = 0;
    for (int64_t first = 0; first < matrix.inputs; first += kStep) {
      const int64_t count = std::min(kStep, matrix.inputs - first);
      const float* x = source.read(row, first, count, room);
      for (int64_t k = 0; k < count; ++k) top = std::max(top, std::fabs(x[k]));
    }
    const float scale = top > 0 ? top / 127 : 1;
    const float inverse = 1 / scale;
    int32_t sum = 0;
    for (int64_t first = 0; first < matrix.inputs; first += kStep) {
      const int64_t count = std::min(kStep, matrix.inputs - first);
      const float* x = source.read(row, first, count, room);
      for (int64_t k = 0; k < count; ++k) {
        const int value = std::clamp(round_to_int(x[k] * inverse), -127, 127);
        const int64_t input = first + k;
        reinterpret_cast<int8_t*>(out)[input / 4 * columns * 4 + c * 4 + input % 4] =
            static_cast<int8_t>(value);
        sum += value;
      }
    }
    matrix.scale[static_cast<size_t>(row)] = scale;
    matrix.sum[static_cast<size_t>(row)] = sum;
  }
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
      case WeightType::bfloat16:
        pack_float_panel(source, *matrix, panel, out);
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
