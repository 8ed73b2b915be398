#include "models/layers/convolution.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "kernels/parallel.h"
#include "models/layers/batch_norm.h"

namespace millrace {
namespace {

// Patches that are gathered before they are multiplied: by all threads, to stay in the caches, and by one,
// in its second-level cache.
constexpr int64_t kPatchFloats = 1 << 18, kCachedFloats = 1 << 16;
constexpr int64_t kLeastPositions = 48;

// 8 bits of a product of few values (colours, the channels of the first layers) would lose more than they
// save.
kernels::WeightType weight_type(kernels::WeightType type, int64_t inputs) {
  constexpr int64_t kLeastInputs = 128;
  return inputs >= kLeastInputs || type == kernels::WeightType::float32 ? type
                                                                        : kernels::WeightType::bfloat16;
}

// [outputs, inputs, height, width] to [outputs, height, width, inputs].
Tensor channels_last(const Tensor& weight) {
  const int64_t outputs = weight.dim(0), inputs = weight.dim(1), size = weight.dim(2) * weight.dim(3);
  Tensor result(DType::float32, {outputs, size * inputs});
  const float* from = weight.data<float>();
  float* to = result.mutable_data<float>();
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t k = 0; k < size; ++k) to[(o * size + k) * inputs + i] = *from++;
  return result;
}

void multiply_outputs(const Tensor& gain, Tensor& weight, std::vector<float>& bias) {
  const int64_t outputs = weight.dim(0), size = weight.count() / outputs;
  assert(gain.count() == outputs);
  for (int64_t o = 0; o < outputs; ++o) {
    const float factor = gain.data<float>()[o];
    for (int64_t i = 0; i < size; ++i) weight.mutable_data<float>()[o * size + i] *= factor;
    if (!bias.empty()) bias[static_cast<size_t>(o)] *= factor;
  }
}

// A layer over each pixel alone may be stored as a matrix.
Tensor filters(const WeightScope& scope) {
  if (scope.shape("weight").size() != 2) return scope.get_any("weight", 4);
  const Tensor matrix = scope.get_any("weight", 2);
  return matrix.reshaped({matrix.dim(0), matrix.dim(1), 1, 1});
}

}  // namespace

Convolution::Convolution(const WeightScope& scope, const ConvolutionOptions& options)
    : Convolution(scope, scope, options) {}

Convolution::Convolution(const WeightScope& scope, const WeightScope& norm, const ConvolutionOptions& options)
    : options_(options) {
  const Tensor stored = filters(scope);
  const int64_t inputs = options.inputs;
  if (stored.empty() || inputs % stored.dim(1) != 0 || stored.dim(0) % (inputs / stored.dim(1)) != 0)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, which does not fit {} channels",
            to_string(stored.shape()), inputs);
  const int64_t outputs = outputs_ = stored.dim(0), groups = groups_ = inputs / stored.dim(1);
  kernel_height_ = stored.dim(2), kernel_width_ = stored.dim(3);
  Tensor weight = Tensor::from<float>(stored.shape(), stored.to_float32().values<float>());
  if (scope.has("bias")) {
    const Tensor bias = scope.get_float("bias", {outputs});
    bias_.assign(bias.values<float>().begin(), bias.values<float>().end());
  }
  if (options.batch_norm_epsilon)
    BatchNorm(norm, outputs, *options.batch_norm_epsilon).fold_into(weight, bias_);
  if (!options.gain.empty()) multiply_outputs(options.gain, weight, bias_);
  const Tensor last = channels_last(weight);
  if (depthwise()) {
    const int64_t size = kernel_height_ * kernel_width_;
    channel_weights_.resize(static_cast<size_t>(size * outputs));
    for (int64_t c = 0; c < outputs; ++c)
      for (int64_t k = 0; k < size; ++k)
        channel_weights_[static_cast<size_t>(k * outputs + c)] = last.data<float>()[c * size + k];
    return;
  }
  const int64_t rows = outputs / groups, width = last.dim(1);
  for (int64_t g = 0; g < groups; ++g)
    weights_.push_back(kernels::pack_matrix(
        Tensor::from<float>({rows, width}, last.values<float>().subspan(static_cast<size_t>(g * rows * width),
                                                                        static_cast<size_t>(rows * width))),
        weight_type(scope.type(), width)));
}

// Along one axis.
Convolution::Zeros Convolution::zeros(int64_t size, int64_t kernel) const {
  using Kind = ConvolutionPadding::Kind;
  const int64_t half = kernel / 2 * options_.dilation;
  switch (options_.padding.kind) {
    case Kind::zeros:
      return {options_.padding.count, options_.padding.count};
    case Kind::half:
      return {half, half};
    case Kind::late:
      return {std::max<int64_t>(half - 1, 0), half};
    case Kind::fill:
      return {0, (options_.stride - size % options_.stride) % options_.stride};
    case Kind::same:
      break;
  }
  const int64_t reach = (kernel - 1) * options_.dilation + 1, stride = options_.stride;
  const int64_t all = std::max<int64_t>(0, ((size + stride - 1) / stride - 1) * stride + reach - size);
  return {all / 2, all - all / 2};
}

int64_t Convolution::output_size(int64_t size, int64_t kernel) const {
  const auto around = zeros(size, kernel);
  const int64_t room = size + around.before + around.after - (kernel - 1) * options_.dilation - 1;
  return room < 0 ? 0 : room / options_.stride + 1;
}

int64_t Convolution::output_height(int64_t height) const { return output_size(height, kernel_height_); }
int64_t Convolution::output_width(int64_t width) const { return output_size(width, kernel_width_); }

FeatureMap Convolution::forward(const FeatureMap& x, Workspace& workspace) const {
  const int64_t height = output_height(x.height), width = output_width(x.width);
  if (height < 1 || width < 1)
    fail(ErrorKind::input, "a picture of {} x {} is too small for this model's filters of {} x {}", x.height,
         x.width, kernel_height_, kernel_width_);
  const auto y = make_feature_map(workspace, x.images, height, width, outputs_);
  forward(x, y, nullptr, workspace);
  return y;
}

bool Convolution::pointwise() const {
  return kernel_height_ == 1 && kernel_width_ == 1 && options_.stride == 1 && groups_ == 1 &&
         zeros(1, 1).before + zeros(1, 1).after == 0;
}

void Convolution::forward(const FeatureMap& x, const FeatureMap& y, const float* residual,
                          Workspace& workspace) const {
  assert(x.channels() == options_.inputs && y.channels() == outputs_ && x.rows.dense() && y.rows.dense());
  if (depthwise()) return convolve_channels(x, y, residual);
  if (pointwise()) return forward_positions(x, y, residual);
  convolve_patches(x, y, residual, workspace);
}

void Convolution::forward_positions(const FeatureMap& x, const FeatureMap& y, const float* residual) const {
  kernels::matmul(weights_.front(), {.a = x.rows.data,
                                     .a_stride = x.rows.stride,
                                     .rows = x.rows.count,
                                     .bias = bias_.empty() ? nullptr : bias_.data(),
                                     .activation = options_.activation,
                                     .residual = residual,
                                     .c = y.rows.data,
                                     .c_stride = y.rows.stride});
}

Lines Convolution::input_lines(Lines out, int64_t height) const {
  const int64_t top = zeros(height, kernel_height_).before;
  const int64_t first = out.first * options_.stride - top;
  const int64_t last = (out.last - 1) * options_.stride + (kernel_height_ - 1) * options_.dilation + 1 - top;
  return {std::clamp<int64_t>(first, 0, height), std::clamp<int64_t>(last, 0, height)};
}

void Convolution::forward_lines(const FeatureMap& x, int64_t x_first, int64_t height, const FeatureMap& y,
                                int64_t first) const {
  // Lines that x does not hold are not of the picture: zeros, as the kernel takes them.
  kernels::depthwise_convolution(
      {.x = x.rows.data,
       .height = x.height,
       .width = x.width,
       .channels = options_.inputs,
       .weights = channel_weights_.data(),
       .bias = bias_.empty() ? nullptr : bias_.data(),
       .kernel_height = kernel_height_,
       .kernel_width = kernel_width_,
       .stride = options_.stride,
       .dilation = options_.dilation,
       .top = zeros(height, kernel_height_).before + x_first - first * options_.stride,
       .left = zeros(x.width, kernel_width_).before,
       .activation = options_.activation,
       .y = y.rows.data,
       .out_height = y.height,
       .out_width = y.width});
}

void Convolution::convolve_channels(const FeatureMap& x, const FeatureMap& y, const float* residual) const {
  for (int64_t i = 0; i < x.images; ++i) forward_lines(x.of(i), 0, x.height, y.of(i), 0);
  if (residual != nullptr) kernels::add(residual, y.rows.count * y.rows.width, y.rows.data);
}

// Gathers the patches of some positions of one group and multiplies them.
void Convolution::multiply_patches(const FeatureMap& x, const FeatureMap& y, const float* residual,
                                   PatchBlock block, float* patches) const {
  const int64_t inputs = options_.inputs / groups_, outputs = outputs_ / groups_;
  const int64_t size = kernel_height_ * kernel_width_ * inputs;
  kernels::gather_patches({.x = x.rows.row(block.image * x.positions()) + block.group * inputs,
                           .x_stride = x.rows.stride,
                           .height = x.height,
                           .width = x.width,
                           .channels = inputs,
                           .kernel_height = kernel_height_,
                           .kernel_width = kernel_width_,
                           .stride_y = options_.stride,
                           .stride_x = options_.stride,
                           .dilation = options_.dilation,
                           .top = zeros(x.height, kernel_height_).before,
                           .left = zeros(x.width, kernel_width_).before,
                           .out_width = y.width,
                           .first = block.first,
                           .count = block.count,
                           .patches = patches});
  float* c = y.rows.row(block.image * y.positions() + block.first) + block.group * outputs;
  kernels::matmul(weights_[static_cast<size_t>(block.group)],
                  {.a = patches,
                   .a_stride = static_cast<size_t>(size),
                   .rows = block.count,
                   .bias = bias_.empty() ? nullptr : bias_.data() + block.group * outputs,
                   .activation = options_.activation,
                   .residual = residual != nullptr ? residual + (c - y.rows.data) : nullptr,
                   .c = c,
                   .c_stride = y.rows.stride});
}

void Convolution::convolve_patches(const FeatureMap& x, const FeatureMap& y, const float* residual,
                                   Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const int64_t size = kernel_height_ * kernel_width_ * options_.inputs / groups_;
  const int64_t positions = y.positions(), threads = kernels::thread_count();
  // Each thread gathers and multiplies blocks of its own, where one that fits the cache has enough positions
  // to be worth another pass over the weights.
  if (const int64_t cached = std::min(positions, kCachedFloats / size);
      cached >= kLeastPositions && y.rows.count * groups_ >= threads * cached) {
    const int64_t blocks = (positions + cached - 1) / cached;
    const Rows patches = workspace.rows(threads, cached * size);
    kernels::parallel_chunks(x.images * blocks * groups_, [&](int64_t chunk) {
      const kernels::ThreadAlone alone;
      const int64_t group = chunk % groups_, block = chunk / groups_ % blocks;
      const int64_t first = positions * block / blocks, last = positions * (block + 1) / blocks;
      multiply_patches(x, y, residual, {chunk / groups_ / blocks, group, first, last - first},
                       patches.row(kernels::thread_index()));
    });
    return;
  }
  const int64_t together = std::clamp<int64_t>(kPatchFloats / size, 1, positions);
  const Rows patches = workspace.rows(together, size);
  for (int64_t image = 0; image < x.images; ++image)
    for (int64_t first = 0; first < positions; first += together)
      for (int64_t group = 0; group < groups_; ++group)
        multiply_patches(x, y, residual, {image, group, first, std::min(together, positions - first)},
                         patches.data);
}

}  // namespace millrace
