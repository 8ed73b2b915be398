#pragma once

// What this machine can do at best, measured: the yardsticks of the benchmarks.
namespace millrace::bench {

// Fused multiply-adds of float32 on all threads of the arena, in GFLOP/s, with the vectors of the instruction
// set in use. On a machine that others use too, the best of several tries.
double peak_float32_gflops();
// Reading memory far larger than the caches on all threads, in GB/s.
double peak_read_gbytes();

}  // namespace millrace::bench
