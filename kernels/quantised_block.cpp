#include "kernels/quantised_block.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/tensor.h"
#include "kernels/group_format.h"
#include "kernels/parallel.h"

namespace millrace::kernels {
namespace {

// Reads a block's fields in the order in which they lie.
class Fields {
 public:
  explicit Fields(const std::byte* from) : from_(reinterpret_cast<const uint8_t*>(from)) {}

  const uint8_t* bytes(int count) {
    const uint8_t* field = from_;
    from_ += count;
    return field;
  }
  template <class T>
  T number() {
    T value;
    std::memcpy(&value, bytes(sizeof(T)), sizeof(T));
    return value;
  }

 private:
  const uint8_t* from_;
};

constexpr std::pair<GgmlType, WeightType> kTypes[] = {
    {GgmlType::Q4_0, WeightType::int4},     {GgmlType::Q4_1, WeightType::q4_1},
    {GgmlType::Q5_0, WeightType::q5_0},     {GgmlType::Q5_1, WeightType::q5_1},
    {GgmlType::Q8_0, WeightType::q8_0},     {GgmlType::Q2_K, WeightType::q2_k},
    {GgmlType::Q3_K, WeightType::q3_k},     {GgmlType::Q4_K, WeightType::q4_k},
    {GgmlType::Q5_K, WeightType::q5_k},     {GgmlType::Q6_K, WeightType::q6_k},
    {GgmlType::IQ4_NL, WeightType::iq4_nl}, {GgmlType::IQ4_XS, WeightType::iq4_xs},
};

constexpr int kValues = QuantisedBlock::kMostValues;

// 32 codes of four bits: byte i has code i and, in its upper half, code i + `apart`.
void nibbles(const uint8_t* from, int apart, uint8_t* code) {
  for (int i = 0; i < apart; ++i) {
    code[i] = from[i] & 15;
    code[i + apart] = from[i] >> 4;
  }
}

void fifth_bits(uint32_t bits, uint8_t* code) {
  for (int i = 0; i < 32; ++i) code[i] = static_cast<uint8_t>(code[i] | (bits >> i & 1) << 4);
}

// The 8 scales and 8 minima of 6 bits in 12 bytes of Q4_K and Q5_K.
void scales_and_minima(const uint8_t* from, QuantisedBlock& to) {
  for (int j = 0; j < 4; ++j) {
    to.own_scale[j] = static_cast<int8_t>(from[j] & 63);
    to.own_minimum[j] = from[j + 4] & 63;
    to.own_scale[j + 4] = static_cast<int8_t>((from[j + 8] & 15) | from[j] >> 6 << 4);
    to.own_minimum[j + 4] = static_cast<uint8_t>(from[j + 8] >> 4 | from[j + 4] >> 6 << 4);
  }
}

// 256 codes of two bits in 64 bytes: byte i of each half has codes i, i + 32, i + 64 and i + 96 of it.
void pairs_of_bits(const uint8_t* from, uint8_t* code) {
  for (int i = 0; i < kValues; ++i) {
    const int half = i / 128, part = i % 128 / 32;
    code[i] = from[half * 32 + i % 32] >> (2 * part) & 3;
  }
}

void take_q2_k(Fields from, QuantisedBlock& to) {
  const uint8_t* both = from.bytes(16);
  for (int g = 0; g < 16; ++g) {
    to.own_scale[g] = both[g] & 15;
    to.own_minimum[g] = both[g] >> 4;
  }
  pairs_of_bits(from.bytes(64), to.code);
  to.scale = from.number<uint16_t>();
  to.minimum = from.number<uint16_t>();
}

void take_q3_k(Fields from, QuantisedBlock& to) {
  const uint8_t* third_bits = from.bytes(32);
  pairs_of_bits(from.bytes(64), to.code);
  for (int i = 0; i < kValues; ++i)
    to.code[i] = static_cast<uint8_t>(to.code[i] | (third_bits[i % 32] >> (i / 32) & 1) << 2);
  const uint8_t* scales = from.bytes(12);
  for (int g = 0; g < 16; ++g) {
    const int low = g < 8 ? scales[g] & 15 : scales[g - 8] >> 4;
    const int high = scales[8 + g % 4] >> (2 * (g / 4)) & 3;
    to.own_scale[g] = static_cast<int8_t>((low | high << 4) - 32);
  }
  to.scale = from.number<uint16_t>();
}

void take_q4_k(Fields from, QuantisedBlock& to) {
  to.scale = from.number<uint16_t>();
  to.minimum = from.number<uint16_t>();
  scales_and_minima(from.bytes(12), to);
  for (int i = 0; i < kValues; i += 64) nibbles(from.bytes(32), 32, to.code + i);
}

void take_q5_k(Fields from, QuantisedBlock& to) {
  to.scale = from.number<uint16_t>();
  to.minimum = from.number<uint16_t>();
  scales_and_minima(from.bytes(12), to);
  const uint8_t* fifth = from.bytes(32);
  for (int i = 0; i < kValues; i += 64) nibbles(from.bytes(32), 32, to.code + i);
  for (int i = 0; i < kValues; ++i)
    to.code[i] = static_cast<uint8_t>(to.code[i] | (fifth[i % 32] >> (i / 32) & 1) << 4);
}

void take_q6_k(Fields from, QuantisedBlock& to) {
  const uint8_t* low = from.bytes(128);
  const uint8_t* high = from.bytes(64);
  for (int i = 0; i < kValues; i += 128) nibbles(low + i / 2, 64, to.code + i);
  for (int i = 0; i < kValues; ++i) {
    const int half = i / 128, part = i % 128 / 32;
    to.code[i] = static_cast<uint8_t>(to.code[i] | (high[half * 32 + i % 32] >> (2 * part) & 3) << 4);
  }
  std::memcpy(to.own_scale, from.bytes(16), 16);
  to.scale = from.number<uint16_t>();
}

void take_iq4_xs(Fields from, QuantisedBlock& to) {
  to.scale = from.number<uint16_t>();
  const auto high = from.number<uint16_t>();
  const uint8_t* low = from.bytes(4);
  for (int g = 0; g < 8; ++g)
    to.own_scale[g] =
        static_cast<int8_t>(((low[g / 2] >> (4 * (g % 2)) & 15) | (high >> (2 * g) & 3) << 4) - 32);
  for (int i = 0; i < kValues; i += 32) nibbles(from.bytes(16), 16, to.code + i);
}

void take_simple(WeightType type, Fields from, QuantisedBlock& to) {
  const GroupFormat format = group_format(type);
  to.scale = from.number<uint16_t>();
  if (format.minimum) to.minimum = from.number<uint16_t>();
  if (format.bits == 8) {
    const uint8_t* values = from.bytes(32);
    for (int i = 0; i < 32; ++i) to.code[i] = values[i] ^ 128;  // signed to plus 128
    return;
  }
  const uint32_t fifth = format.bits == 5 ? from.number<uint32_t>() : 0;
  nibbles(from.bytes(16), 16, to.code);
  if (format.bits == 5) fifth_bits(fifth, to.code);
}

}  // namespace

std::optional<WeightType> weight_type_of(GgmlType type) {
  for (const auto& [ggml, weights] : kTypes)
    if (ggml == type) return weights;
  return std::nullopt;
}

GgmlBlock block_of(WeightType type) {
  for (const auto& [ggml, weights] : kTypes)
    if (weights == type) return *ggml_block(ggml);
  return {};
}

void take_apart(WeightType type, const std::byte* from, QuantisedBlock& to) {
  switch (type) {
    case WeightType::q2_k:
      return take_q2_k(Fields(from), to);
    case WeightType::q3_k:
      return take_q3_k(Fields(from), to);
    case WeightType::q4_k:
      return take_q4_k(Fields(from), to);
    case WeightType::q5_k:
      return take_q5_k(Fields(from), to);
    case WeightType::q6_k:
      return take_q6_k(Fields(from), to);
    case WeightType::iq4_xs:
      return take_iq4_xs(Fields(from), to);
    default:
      return take_simple(type, Fields(from), to);
  }
}

void dequantise(WeightType type, const QuantisedBlock& block, int count, float* out) {
  const GroupFormat format = group_format(type);
  // GGML subtracts what the K-quants call a minimum.
  const float shared_scale = float16_to_float(block.scale);
  const float shared_minimum = float16_to_float(block.minimum) * (format.shared ? -1.f : 1.f);
  const int length = format.halves ? 16 : kGroup;
  for (int first = 0; first < count; first += length) {
    const int g = first / length;
    const float scale = format.shared ? shared_scale * static_cast<float>(block.own_scale[g]) : shared_scale;
    const float minimum =
        format.shared ? shared_minimum * static_cast<float>(block.own_minimum[g]) : shared_minimum;
    for (int i = first; i < first + length; ++i) {
      const int code = format.table ? kTable[block.code[i]] : block.code[i];
      const float value = scale * static_cast<float>(code - format.offset);
      out[i] = format.minimum ? value + minimum : value;
    }
  }
}

void dequantise(WeightType type, std::span<const std::byte> blocks, float* out) {
  constexpr size_t kChunk = 256;  // blocks
  const GgmlBlock block = block_of(type);
  const size_t count = blocks.size() / block.bytes;
  parallel_chunks(static_cast<int64_t>((count + kChunk - 1) / kChunk), [&](int64_t chunk) {
    QuantisedBlock apart;
    const size_t first = static_cast<size_t>(chunk) * kChunk;
    for (size_t i = first; i < std::min(count, first + kChunk); ++i) {
      take_apart(type, blocks.data() + i * block.bytes, apart);
      dequantise(type, apart, static_cast<int>(block.values), out + i * static_cast<size_t>(block.values));
    }
  });
}

}  // namespace millrace::kernels
