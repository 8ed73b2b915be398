// Every 64-bit Arm has these instructions: no flags, and no question to the CPU. Integers compute as the
// baseline does.
#if defined(__aarch64__)
#include "kernels/simd/table.h"
#include "kernels/neon/vector.h"

namespace millrace::kernels {

void override_with_neon(KernelTable& table) { simd::override_with<neon::Vector, 4>(table); }

}  // namespace millrace::kernels
#endif
