#pragma once
#include <random>
#include <vector>

#include "kernels/float16.h"
#include "kernels/group_format.h"
#include "kernels/kernels.h"
#include "kernels/quantised_block.h"

namespace millrace::kernels {

inline std::vector<WeightType> grouped_types() {
  std::vector<WeightType> types;
  for (int i = static_cast<int>(WeightType::int4); i < kWeightTypes; ++i)
    types.push_back(static_cast<WeightType>(i));
  return types;
}

// Random blocks of a GGML type: any bits but for the float16 scales, which are about 0.01.
struct RandomQuantisedRows {
  RandomQuantisedRows(WeightType type, int64_t outputs, int64_t inputs, unsigned seed)
      : type(type), outputs(outputs), inputs(inputs) {
    const GgmlBlock block = block_of(type);
    const auto count = static_cast<size_t>(outputs * inputs / block.values);
    bytes.resize(count * block.bytes);
    std::mt19937 generator(seed);
    for (auto& byte : bytes) byte = static_cast<std::byte>(generator());
    std::normal_distribution<float> normal(0, 0.01f);
    const GroupFormat format = group_format(type);
    const bool at_end = type == WeightType::q2_k || type == WeightType::q3_k || type == WeightType::q6_k;
    const size_t halves = format.minimum ? 2 : 1;
    for (size_t i = 0; i < count; ++i) {
      std::byte* first = bytes.data() + i * block.bytes + (at_end ? block.bytes - 2 * halves : 0);
      for (size_t j = 0; j < halves; ++j) {
        const uint16_t half = float_to_float16(normal(generator));
        std::memcpy(first + 2 * j, &half, 2);
      }
    }
  }

  QuantisedRows view() const { return {.type = type, .outputs = outputs, .inputs = inputs, .blocks = bytes}; }
  std::vector<float> values() const {
    const GgmlBlock block = block_of(type);
    std::vector<float> result(static_cast<size_t>(outputs * inputs));
    QuantisedBlock apart;
    for (size_t i = 0; i * block.bytes < bytes.size(); ++i) {
      take_apart(type, bytes.data() + i * block.bytes, apart);
      dequantise(type, apart, static_cast<int>(block.values),
                 result.data() + i * static_cast<size_t>(block.values));
    }
    return result;
  }

  WeightType type;
  int64_t outputs, inputs;
  std::vector<std::byte> bytes;
};

}  // namespace millrace::kernels
