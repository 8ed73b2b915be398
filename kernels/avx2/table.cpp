#include "kernels/kernel_table.h"

namespace millrace::kernels {

void override_with_avx2(KernelTable&) {}

}  // namespace millrace::kernels
