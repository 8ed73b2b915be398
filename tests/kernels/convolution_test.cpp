#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"
#include "tests/kernels/every_isa.h"

namespace millrace::kernels {
namespace {

class Convolution : public EveryIsa {};
MILLRACE_EVERY_ISA(Convolution);

struct Case {
  int64_t height, width, channels, kernel_height, kernel_width, stride, dilation, top, left, out_height,
      out_width;
};

// Filters larger than the picture, strides that leave pixels out, zeros on all sides, odd numbers of
// channels.
const Case kCases[] = {
    {5, 7, 16, 3, 3, 1, 1, 1, 1, 5, 7},     {5, 7, 19, 3, 3, 2, 1, 1, 1, 3, 4},
    {9, 23, 33, 5, 5, 1, 1, 2, 2, 9, 23},   {8, 8, 7, 3, 3, 2, 1, 0, 0, 4, 4},
    {1, 1, 5, 7, 7, 1, 1, 3, 3, 1, 1},      {2, 3, 64, 5, 5, 2, 1, 2, 2, 1, 2},
    {13, 17, 48, 3, 3, 1, 2, 2, 2, 13, 17}, {6, 40, 1, 1, 9, 1, 1, 0, 4, 6, 40},
    {4, 30, 96, 7, 7, 1, 1, 3, 3, 4, 30},
};

double activated(Activation activation, double x) {
  if (activation == Activation::relu) return std::max(x, 0.);
  if (activation == Activation::relu6) return std::clamp(x, 0., 6.);
  if (activation == Activation::silu) return x / (1 + std::exp(-x));
  return x;
}

TEST_P(Convolution, Depthwise) {
  for (const Case& c : kCases) {
    const auto x = random_floats(static_cast<size_t>(c.height * c.width * c.channels), 1);
    const auto weights = random_floats(static_cast<size_t>(c.kernel_height * c.kernel_width * c.channels), 2);
    const auto bias = random_floats(static_cast<size_t>(c.channels), 3);
    std::vector<float> y(static_cast<size_t>(c.out_height * c.out_width * c.channels) + 16, 77);
    for (const auto activation : {Activation::none, Activation::relu, Activation::relu6, Activation::silu}) {
      const bool with_bias = activation != Activation::none;
      depthwise_convolution({.x = x.data(),
                             .height = c.height,
                             .width = c.width,
                             .channels = c.channels,
                             .weights = weights.data(),
                             .bias = with_bias ? bias.data() : nullptr,
                             .kernel_height = c.kernel_height,
                             .kernel_width = c.kernel_width,
                             .stride = c.stride,
                             .dilation = c.dilation,
                             .top = c.top,
                             .left = c.left,
                             .activation = activation,
                             .y = y.data(),
                             .out_height = c.out_height,
                             .out_width = c.out_width});
      for (int64_t oy = 0; oy < c.out_height; ++oy)
        for (int64_t ox = 0; ox < c.out_width; ++ox)
          for (int64_t ch = 0; ch < c.channels; ++ch) {
            double sum = with_bias ? bias[static_cast<size_t>(ch)] : 0;
            for (int64_t ky = 0; ky < c.kernel_height; ++ky)
              for (int64_t kx = 0; kx < c.kernel_width; ++kx) {
                const int64_t iy = oy * c.stride + ky * c.dilation - c.top,
                              ix = ox * c.stride + kx * c.dilation - c.left;
                if (iy < 0 || iy >= c.height || ix < 0 || ix >= c.width) continue;
                sum += static_cast<double>(x[static_cast<size_t>((iy * c.width + ix) * c.channels + ch)]) *
                       weights[static_cast<size_t>((ky * c.kernel_width + kx) * c.channels + ch)];
              }
            ASSERT_NEAR(y[static_cast<size_t>((oy * c.out_width + ox) * c.channels + ch)],
                        activated(activation, sum), 1e-5);
          }
      for (size_t i = y.size() - 16; i < y.size(); ++i) ASSERT_EQ(y[i], 77);
    }
  }
}

TEST_P(Convolution, Patches) {
  for (const Case& c : kCases) {
    const int64_t stride = c.channels + 3, count = c.out_height * c.out_width;
    const int64_t size = c.kernel_height * c.kernel_width * c.channels;
    for (const int64_t gap : {int64_t{0}, int64_t{3}}) {
      const auto x = random_floats(static_cast<size_t>(c.height * c.width * stride), 1);
      const int64_t first = count / 3;
      std::vector<float> patches(static_cast<size_t>((count - first) * size));
      gather_patches({.x = x.data(),
                      .x_stride = static_cast<size_t>(c.channels + gap),
                      .height = c.height,
                      .width = c.width,
                      .channels = c.channels,
                      .kernel_height = c.kernel_height,
                      .kernel_width = c.kernel_width,
                      .stride_y = c.stride,
                      .stride_x = c.stride,
                      .dilation = c.dilation,
                      .top = c.top,
                      .left = c.left,
                      .out_width = c.out_width,
                      .first = first,
                      .count = count - first,
                      .patches = patches.data()});
      const float* value = patches.data();
      for (int64_t i = first; i < count; ++i)
        for (int64_t ky = 0; ky < c.kernel_height; ++ky)
          for (int64_t kx = 0; kx < c.kernel_width; ++kx)
            for (int64_t ch = 0; ch < c.channels; ++ch) {
              const int64_t iy = i / c.out_width * c.stride + ky * c.dilation - c.top,
                            ix = i % c.out_width * c.stride + kx * c.dilation - c.left;
              const bool inside = iy >= 0 && iy < c.height && ix >= 0 && ix < c.width;
              ASSERT_EQ(*value++,
                        inside ? x[static_cast<size_t>((iy * c.width + ix) * (c.channels + gap) + ch)] : 0);
            }
    }
  }
}

}  // namespace
}  // namespace millrace::kernels
