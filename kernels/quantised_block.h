#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/ggml_type.h"
#include "kernels/types.h"

namespace millrace::kernels {

// The type of packed matrix that holds a GGML type's values exactly; none for plain types and for those that
// no kernel has.
std::optional<WeightType> weight_type_of(GgmlType type);
// The other way round: how a grouped type lies in a file.
GgmlBlock block_of(WeightType type);

// One block of a GGML type, taken apart: value i is scale · own_scale[g] · (code[i] - offset) + minimum ·
// own_minimum[g] with the type's GroupFormat, g = i / 16 where halves of groups differ, else i / 32. Scales
// and minima that the type does not have are 1 and 0.
struct QuantisedBlock {
  static constexpr int kMostValues = 256;
  uint8_t code[kMostValues];
  uint16_t scale = 0, minimum = 0;  // float16
  int8_t own_scale[kMostValues / 16];
  uint8_t own_minimum[kMostValues / 16];
};

// `from` has the bytes of one block of `type`, as block_of says. The layouts are those of ggml-common.h.
void take_apart(WeightType type, const std::byte* from, QuantisedBlock& to);

// The block's `count` (32 or 256) values, as ggml computes them.
void dequantise(WeightType type, const QuantisedBlock& block, int count, float* out);
// The same for many blocks; `blocks` are whole ones.
void dequantise(WeightType type, std::span<const std::byte> blocks, float* out);

}  // namespace millrace::kernels
