#include "kernels/baseline/baseline.h"

namespace millrace::kernels::baseline {

void depthwise_row(const DepthwiseRowArgs& args) {
  for (int64_t x = 0; x < args.out_width; ++x) {
    float* y = args.y + x * args.channels;
    for (int64_t c = 0; c < args.channels; ++c) y[c] = args.bias != nullptr ? args.bias[c] : 0;
    const float* weights = args.weights;
    for (int ky = 0; ky < args.kernel_height; ++ky)
      for (int kx = 0; kx < args.kernel_width; ++kx, weights += args.channels) {
        const int64_t column = x * args.stride + kx * args.dilation - args.left;
        if (args.rows[ky] == nullptr || column < 0 || column >= args.width) continue;
        const float* pixel = args.rows[ky] + column * args.channels;
        for (int64_t c = 0; c < args.channels; ++c) y[c] += pixel[c] * weights[c];
      }
    for (int64_t c = 0; c < args.channels; ++c)
      y[c] = y[c] < args.lower ? args.lower : y[c] > args.upper ? args.upper : y[c];
  }
}

}  // namespace millrace::kernels::baseline
