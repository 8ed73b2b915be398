#include "kernels/simd/table.h"
#include "kernels/avx512/kernels.h"
#include "kernels/avx512/vector.h"

namespace millrace::kernels {

void override_with_avx512(KernelTable& table) {
  simd::override_with<avx512::Vector, avx512::kVectors>(table);
  table.matrix[static_cast<int>(WeightType::bfloat16)] = avx512::bfloat16_kernel();
  table.matrix[static_cast<int>(WeightType::int8)] = avx512::int8_kernel();
  for (int i = static_cast<int>(WeightType::int4); i < kWeightTypes; ++i)
    table.matrix[i] = avx512::grouped_kernel(static_cast<WeightType>(i));
}

}  // namespace millrace::kernels
