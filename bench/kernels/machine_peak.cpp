#include "bench/kernels/machine_peak.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "bench/kernels/stopwatch.h"
#include "kernels/dispatch.h"
#include "kernels/large_buffer.h"
#include "kernels/parallel.h"

namespace millrace::bench {
namespace {

using kernels::parallel_chunks;
using kernels::thread_count;

constexpr int kChains = 12;  // enough independent sums to hide the latency on two pipes
constexpr int64_t kSteps = 50'000;

// The chains start apart, or the compiler would see that they are one. noinline: each must keep the
// instruction set that its attribute names.
#define MILLRACE_FMA_LOOP(name, lanes, features)                                            \
  [[gnu::noinline]] features void name(float* out) {                                        \
    typedef float Lanes __attribute__((vector_size(lanes * 4)));                            \
    Lanes sums[kChains], x, y;                                                              \
    for (int i = 0; i < lanes; ++i) x[i] = out[0], y[i] = out[1];                           \
    for (int i = 0; i < kChains; ++i) sums[i] = y * static_cast<float>(i);                  \
    for (int64_t step = 0; step < kSteps; ++step) {                                         \
      _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i) sums[i] = sums[i] * x + y; \
    }                                                                                       \
    for (int i = 1; i < kChains; ++i) sums[0] += sums[i];                                   \
    std::memcpy(out, &sums[0], sizeof(float));                                              \
  }
#if defined(__x86_64__)
MILLRACE_FMA_LOOP(fma_avx2, 8, __attribute__((target("avx2,fma"))))
MILLRACE_FMA_LOOP(fma_avx512, 16, __attribute__((target("avx512f"))))
#endif
MILLRACE_FMA_LOOP(fma_plain, 4, )

template <class Body>
double best_seconds(int tries, const Body& body) {
  double best = 1e9;
  for (int i = 0; i < tries; ++i) {
    const double start = seconds_now();
    body();
    best = std::min(best, seconds_now() - start);
  }
  return best;
}

}  // namespace

double peak_float32_gflops() {
  void (*loop)(float*) = fma_plain;
  int lanes = 4;
#if defined(__x86_64__)
  const std::string_view isa = kernels::active_isa();
  if (isa == "avx2") loop = fma_avx2, lanes = 8;
  if (isa == "avx512" || isa == "amx") loop = fma_avx512, lanes = 16;
#endif
  const int64_t threads = thread_count();
  const double seconds = best_seconds(40, [&] {
    parallel_chunks(threads, [&](int64_t) {
      float values[2] = {0.5f, 0.25f};
      loop(values);
      asm volatile("" : : "r"(values) : "memory");
    });
  });
  return 2e-9 * static_cast<double>(threads * kSteps * kChains * lanes) / seconds;
}

double peak_read_gbytes() {
  constexpr size_t kBytes = size_t{256} << 20;
  kernels::LargeBuffer buffer(kBytes);
  std::memset(buffer.data(), 1, kBytes);
  const int64_t chunks = thread_count() * 4;
  const double seconds = best_seconds(8, [&] {
    parallel_chunks(chunks, [&](int64_t i) {
      const size_t first = kBytes / 64 * static_cast<size_t>(i) / static_cast<size_t>(chunks) * 64;
      const size_t last = kBytes / 64 * static_cast<size_t>(i + 1) / static_cast<size_t>(chunks) * 64;
      uint64_t sum[8] = {};
      for (size_t at = first; at < last; at += 64) {
        const auto* line = reinterpret_cast<const uint64_t*>(buffer.data() + at);
        for (int j = 0; j < 8; ++j) sum[j] += line[j];
      }
      for (const uint64_t one : sum) asm volatile("" : : "r"(one));
    });
  });
  return 1e-9 * static_cast<double>(kBytes) / seconds;
}

}  // namespace millrace::bench
