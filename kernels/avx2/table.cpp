#include "kernels/simd/table.h"
#include "kernels/avx2/kernels.h"
#include "kernels/avx2/vector.h"

namespace millrace::kernels {

void override_with_avx2(KernelTable& table) {
  simd::override_with<avx2::Vector, avx2::kVectors>(table);
  table.matrix[static_cast<int>(WeightType::int8)] = avx2::int8_kernel();
  for (int i = static_cast<int>(WeightType::int4); i < kWeightTypes; ++i)
    table.matrix[i] = avx2::grouped_kernel(static_cast<WeightType>(i));
  table.interleave = avx2::interleave;
}

}  // namespace millrace::kernels
