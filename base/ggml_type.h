#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace {

// The element types of GGML, with the numbers that GGUF files give them. The quantised ones come in blocks
// of consecutive values of a row, each block with scales of its own.
enum class GgmlType : uint32_t {
  F32 = 0,
  F16 = 1,
  Q4_0 = 2,
  Q4_1 = 3,
  Q5_0 = 6,
  Q5_1 = 7,
  Q8_0 = 8,
  Q8_1 = 9,
  Q2_K = 10,
  Q3_K = 11,
  Q4_K = 12,
  Q5_K = 13,
  Q6_K = 14,
  Q8_K = 15,
  IQ2_XXS = 16,
  IQ2_XS = 17,
  IQ3_XXS = 18,
  IQ1_S = 19,
  IQ4_NL = 20,
  IQ3_S = 21,
  IQ2_S = 22,
  IQ4_XS = 23,
  I8 = 24,
  I16 = 25,
  I32 = 26,
  I64 = 27,
  F64 = 28,
  IQ1_M = 29,
  BF16 = 30,
  TQ1_0 = 34,
  TQ2_0 = 35,
  MXFP4 = 39
};

// How a type lies in a file: so many values take so many bytes. Plain types have blocks of one value.
struct GgmlBlock {
  std::string_view name;  // "Q4_K"
  int64_t values = 0;
  uint64_t bytes = 0;
};

// None for a number that is not in the list above: an older program's type that was given up, or one newer
// than this program.
std::optional<GgmlBlock> ggml_block(GgmlType type);

}  // namespace millrace
