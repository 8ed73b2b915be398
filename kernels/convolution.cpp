#include <algorithm>

#include "kernels/activation_bounds.h"
#include "kernels/dispatch.h"
#include "kernels/kernel_table.h"
#include "kernels/kernels.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace millrace::kernels {
namespace {

constexpr int64_t kChunkWork = 1 << 17;  // multiplications, about 10 microseconds

}  // namespace

void depthwise_convolution(const DepthwiseArgs& args) {
  const KernelTable& table = active_table();
  const int64_t row_work = args.out_width * args.channels * args.kernel_height * args.kernel_width;
  const int64_t rows = std::max<int64_t>(1, kChunkWork / std::max<int64_t>(1, row_work));
  const int64_t chunks = (args.out_height + rows - 1) / rows;
  const auto bounds = bounds_of(args.activation);
  const auto [lower, upper] = bounds.value_or(Bounds{});
  parallel_chunks(chunks, [&](int64_t chunk) {
    auto* filter_rows = reinterpret_cast<const float**>(
        thread_scratch(static_cast<size_t>(args.kernel_height) * sizeof(const float*)));
    for (int64_t y = args.out_height * chunk / chunks; y < args.out_height * (chunk + 1) / chunks; ++y) {
      for (int64_t ky = 0; ky < args.kernel_height; ++ky) {
        const int64_t row = y * args.stride + ky * args.dilation - args.top;
        filter_rows[ky] = row < 0 || row >= args.height ? nullptr : args.x + row * args.width * args.channels;
      }
      float* out = args.y + y * args.out_width * args.channels;
      table.depthwise_row({.rows = filter_rows,
                           .width = args.width,
                           .channels = args.channels,
                           .weights = args.weights,
                           .bias = args.bias,
                           .kernel_height = static_cast<int>(args.kernel_height),
                           .kernel_width = static_cast<int>(args.kernel_width),
                           .stride = args.stride,
                           .dilation = args.dilation,
                           .left = args.left,
                           .lower = lower,
                           .upper = upper,
                           .out_width = args.out_width,
                           .y = out});
      if (!bounds) table.activate(args.activation, out, args.out_width * args.channels);
    }
  });
}

void gather_patches(const PatchArgs& args) {
  const int64_t size = args.kernel_height * args.kernel_width * args.channels;
  const int64_t rows = std::max<int64_t>(1, kChunkWork / 4 / std::max<int64_t>(1, size));
  const int64_t chunks = (args.count + rows - 1) / rows;
  // Without dilation or gaps between channels a row of the filter is one stretch of memory.
  const bool joined = args.dilation == 1 && args.x_stride == static_cast<size_t>(args.channels);
  parallel_chunks(chunks, [&](int64_t chunk) {
    for (int64_t i = args.count * chunk / chunks; i < args.count * (chunk + 1) / chunks; ++i) {
      const int64_t oy = (args.first + i) / args.out_width, ox = (args.first + i) % args.out_width;
      float* to = args.patches + i * size;
      for (int64_t ky = 0; ky < args.kernel_height; ++ky) {
        const int64_t y = oy * args.stride_y + ky * args.dilation - args.top;
        const int64_t left = ox * args.stride_x - args.left;
        const bool inside = y >= 0 && y < args.height;
        if (inside && joined && left >= 0 && left + args.kernel_width <= args.width) {
          to = std::copy_n(args.x + (y * args.width + left) * args.channels,
                           args.kernel_width * args.channels, to);
          continue;
        }
        for (int64_t kx = 0; kx < args.kernel_width; ++kx) {
          const int64_t x = left + kx * args.dilation;
          if (inside && x >= 0 && x < args.width)
            to = std::copy_n(args.x + static_cast<size_t>(y * args.width + x) * args.x_stride, args.channels,
                             to);
          else
            to = std::fill_n(to, args.channels, 0.f);
        }
      }
    }
  });
}

}  // namespace millrace::kernels
