#include "kernels/amx/kernels.h"

namespace millrace::kernels {

void override_with_amx(KernelTable& table) {
  table.matrix[static_cast<int>(WeightType::bfloat16)] = amx::bfloat16_kernel();
  table.matrix[static_cast<int>(WeightType::int8)] = amx::int8_kernel();
  for (int i = static_cast<int>(WeightType::int4); i < kWeightTypes; ++i)
    table.matrix[i] = amx::grouped_kernel(static_cast<WeightType>(i));
}

}  // namespace millrace::kernels
