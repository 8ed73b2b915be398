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
//   int4      groups of 32 with a float16 scale each; activations to 8 bits per group
enum class WeightType : uint8_t { float32, bfloat16, int8, int4 };
inline constexpr int kWeightTypes = 4;

enum class Activation : uint8_t { none, relu, gelu, gelu_tanh, silu, quick_gelu };

}  // namespace millrace::kernels
