#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace millrace::kernels {

// The instruction sets that this program has kernels for and that this CPU has, best last:
// "baseline", "avx2", "avx512", "amx" ("neon" on Arm).
std::vector<std::string> available_isas();

// The one in use: the best, or the one named by MILLRACE_ISA. An unknown or unavailable name is Error(usage).
std::string_view active_isa();

// For tests and benchmarks: switches the whole process. Not while kernels run. Matrices packed before keep
// computing with the instruction set that they were packed for.
void select_isa(std::string_view name);

struct KernelTable;
const KernelTable& active_table();

}  // namespace millrace::kernels
