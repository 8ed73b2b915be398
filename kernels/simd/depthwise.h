#pragma once
#include "kernels/kernel_table.h"
#include "kernels/simd/rows.h"

// Convolutions with a filter for each channel.
namespace millrace::kernels::simd {

// kVectors vectors of channels of kPixels neighbouring results, all of whose filters lie inside x or, with
// `inside` false, one that may reach beyond. Taps are added in one order, so that both give the same. `lanes`
// of the last vector count.
template <class V, int kPixels, int kVectors, bool inside>
inline void depthwise_pixels(const DepthwiseRowArgs& args, int64_t x, int64_t channel, int lanes) {
  V sums[kPixels][kVectors];
#pragma GCC unroll 2
  for (int v = 0; v < kVectors; ++v) {
    const V start =
        args.bias != nullptr ? load<V>(args.bias + channel + v * V::kLanes, lanes) : V::broadcast(0);
#pragma GCC unroll 6
    for (int i = 0; i < kPixels; ++i) sums[i][v] = start;
  }
  const int64_t step = args.stride * args.channels;
  const float* weights = args.weights + channel;
  for (int ky = 0; ky < args.kernel_height; ++ky) {
    const float* row = args.rows[ky];
    if (row == nullptr) {
      weights += args.kernel_width * args.channels;
      continue;
    }
    int64_t column = x * args.stride - args.left;
    for (int kx = 0; kx < args.kernel_width; ++kx, weights += args.channels, column += args.dilation) {
      if (!inside && (column < 0 || column >= args.width)) continue;
      V weight[kVectors];
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) weight[v] = load<V>(weights + v * V::kLanes, lanes);
      const float* pixel = row + column * args.channels + channel;
#pragma GCC unroll 6
      for (int i = 0; i < kPixels; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < kVectors; ++v)
          sums[i][v] = V::fma(load<V>(pixel + i * step + v * V::kLanes, lanes), weight[v], sums[i][v]);
      }
    }
  }
  const V lower = V::broadcast(args.lower), upper = V::broadcast(args.upper);
#pragma GCC unroll 6
  for (int i = 0; i < kPixels; ++i) {
#pragma GCC unroll 2
    for (int v = 0; v < kVectors; ++v)
      store(V::min(upper, V::max(lower, sums[i][v])),
            args.y + (x + i) * args.channels + channel + v * V::kLanes, lanes);
  }
}

template <class V, int kVectors>
inline void depthwise_channels(const DepthwiseRowArgs& args, int64_t first, int64_t last, int64_t channel,
                               int lanes) {
  constexpr int kPixels = 6;
  int64_t x = 0;
  for (; x < first; ++x) depthwise_pixels<V, 1, kVectors, false>(args, x, channel, lanes);
  for (; x + kPixels <= last; x += kPixels)
    depthwise_pixels<V, kPixels, kVectors, true>(args, x, channel, lanes);
  for (; x < last; ++x) depthwise_pixels<V, 1, kVectors, true>(args, x, channel, lanes);
  for (; x < args.out_width; ++x) depthwise_pixels<V, 1, kVectors, false>(args, x, channel, lanes);
}

template <class V>
void depthwise_row(const DepthwiseRowArgs& args) {
  // Results [first, last) have filters that lie inside x.
  const int64_t reach = (args.kernel_width - 1) * args.dilation;
  int64_t first = (args.left + args.stride - 1) / args.stride;
  int64_t last = args.width - 1 - reach + args.left;
  last = last < 0 ? 0 : last / args.stride + 1;
  if (last > args.out_width) last = args.out_width;
  if (first > last) first = last;
  int64_t channel = 0;
  for (; channel + 2 * V::kLanes <= args.channels; channel += 2 * V::kLanes)
    depthwise_channels<V, 2>(args, first, last, channel, V::kLanes);
  for (; channel + V::kLanes <= args.channels; channel += V::kLanes)
    depthwise_channels<V, 1>(args, first, last, channel, V::kLanes);
  if (const int rest = static_cast<int>(args.channels - channel); rest > 0)
    depthwise_channels<V, 1>(args, first, last, channel, rest);
}

}  // namespace millrace::kernels::simd
