#include "kernels/simd/table.h"
#include "kernels/avx2/vector.h"

namespace millrace::kernels {

void override_with_avx2(KernelTable& table) { simd::override_with<avx2::Vector, 2>(table); }

}  // namespace millrace::kernels
