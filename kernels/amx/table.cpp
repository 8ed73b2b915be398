#include "kernels/amx/kernels.h"

namespace millrace::kernels {

void override_with_amx(KernelTable& table) {
  table.matrix[static_cast<int>(WeightType::bfloat16)] = amx::bfloat16_kernel();
  table.matrix[static_cast<int>(WeightType::int8)] = amx::int8_kernel();
}

}  // namespace millrace::kernels
