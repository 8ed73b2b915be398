#pragma once
#include <cstdint>

// The enumerations that the public functions and the per-instruction-set files share; free of the standard
// library's templates, so that those files may include it.
namespace millrace::kernels {

// How weights are held in memory, and with them how the product is computed:
//   float32   exact
//   bfloat16  weights and activations rounded to bfloat16, summed in float32 (where the CPU has no bfloat16
//   product,
//             only the weights are rounded)
//   int8      one scale per output channel; activations to 8 bits per row
//   int4      groups of 32 with a float16 scale each; activations to 8 bits per group. GGML's Q4_0.
//   the rest  GGML's types of these names, exactly; activations to 8 bits per group of 32
enum class WeightType : uint8_t {
  float32,
  bfloat16,
  int8,
  int4,
  q4_1,
  q5_0,
  q5_1,
  q8_0,
  q2_k,
  q3_k,
  q4_k,
  q5_k,
  q6_k,
  iq4_nl,
  iq4_xs
};
inline constexpr int kWeightTypes = 15;

enum class Activation : uint8_t { none, relu, gelu, gelu_tanh, silu, quick_gelu, relu6, sigmoid };

}  // namespace millrace::kernels
