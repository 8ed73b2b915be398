#pragma once
#include <immintrin.h>

namespace millrace::kernels::avx512 {

// sum += u8 · s8, four products to a lane. g++ 12 copies and spills the sums around _mm512_dpbusd_epi32,
// which halves the speed; the constraint "+v" keeps them where they are.
inline void dot(__m512i& sum, __m512i u8, __m512i s8) {
#ifdef __AVX512VNNI__
  asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(u8), "v"(s8));
#else
  sum = _mm512_dpbusd_epi32(sum, u8, s8);
#endif
}

// The same with four s8 values broadcast straight from memory.
inline void dot_broadcast(__m512i& sum, __m512i u8, const int* four) {
#ifdef __AVX512VNNI__
  asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(u8), "m"(*four));
#else
  sum = _mm512_dpbusd_epi32(sum, u8, _mm512_set1_epi32(*four));
#endif
}

}  // namespace millrace::kernels::avx512
