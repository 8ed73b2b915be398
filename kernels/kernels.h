#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/tensor.h"
#include "kernels/types.h"

// What the engine computes with. Every function picks the best implementation for this CPU (see dispatch.h)
// and runs inside the oneTBB arena of its caller. Shapes are checked by the callers, one rung up; here they
// are asserted. Rows are float32, row-major; a stride is the distance from one row to the next in elements.
namespace millrace::kernels {

std::string_view name_of(WeightType type);

// W [outputs, inputs], rearranged for the kernels. Immutable, cheap to copy.
class PackedMatrix {
 public:
  struct Impl;
  PackedMatrix() = default;
  explicit PackedMatrix(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  int64_t outputs() const;
  int64_t inputs() const;
  WeightType type() const;
  size_t bytes() const;
  explicit operator bool() const { return impl_ != nullptr; }
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

// `weights` [outputs, inputs] of any float type. Any sizes: what the kernels need beyond is padded with
// zeros.
PackedMatrix pack_matrix(const Tensor& weights, WeightType type);

// Rows of weights as blocks of a GGML type, as they lie in a file; packed as they are.
struct QuantisedRows {
  WeightType type = WeightType::int4;  // a grouped one
  int64_t outputs = 0, inputs = 0;     // whole blocks of inputs
  std::span<const std::byte> blocks;   // row by row
};
// All parts' rows below one another; they are of one type and as many inputs.
PackedMatrix pack_matrix(std::span<const QuantisedRows> parts);

// One row of the packed matrix as float32: an embedding that shares the output layer's weights.
void unpack_row(const PackedMatrix& matrix, int64_t row, float* out);

// C[i, :] = activation(A[i, :] · Wᵀ + bias) + residual[i, :], for i in [0, rows).
// A's rows may overlap (a_stride < inputs): a convolution over time is a product whose rows overlap.
struct MatmulArgs {
  const float* a = nullptr;
  size_t a_stride = 0;
  int64_t rows = 0;
  const float* bias = nullptr;  // [outputs] or null
  Activation activation = Activation::none;
  const float* residual = nullptr;  // rows of c's stride, or null; may be c itself
  float* c = nullptr;
  size_t c_stride = 0;
};
// A row's result is the same, bit for bit, whatever rows are computed with it and on how many threads.
void matmul(const PackedMatrix& weights, const MatmulArgs& args);

// y = (x - mean) / sqrt(variance + epsilon) * gain + bias, row by row. `bias` may be null.
void layer_norm(const float* x, int64_t rows, int64_t width, const float* gain, const float* bias,
                float epsilon, float* y);
// y = x / sqrt(mean of squares + epsilon) * gain, row by row.
void rms_norm(const float* x, int64_t rows, int64_t width, const float* gain, float epsilon, float* y);
// x = softmax(x), row by row, in place. Rows of -infinity become zeros.
void softmax(float* x, int64_t rows, int64_t width);
// y = log(softmax(x)) of one row; y may be x.
void log_softmax(const float* x, int64_t width, float* y);
// y = activation(gate) * x, row by row: the middle of a gated feed-forward network.
struct GateArgs {
  Activation activation = Activation::silu;
  float* gate = nullptr;  // overwritten
  const float* x = nullptr;
  float* y = nullptr;
  int64_t rows = 0, width = 0;
  size_t stride = 0;  // of gate and x
  size_t y_stride = 0;
};
void gate(const GateArgs& args);
// y += x
void add(const float* x, int64_t count, float* y);
void activate(Activation activation, float* x, int64_t count);

// Scaled dot-product attention with grouped heads. Query head h reads key/value head h / (heads / kv_heads).
// Inside a row, head h starts at h * head_dim.
struct AttentionShape {
  int heads = 0, kv_heads = 0, head_dim = 0;
  size_t q_stride = 0, kv_stride = 0, out_stride = 0;  // elements between rows
  float scale = 1;
  bool causal = false;              // query i sees keys [0, first_position + i]
  int64_t window = 0;               // and of those the last `window` alone, if it is not 0
  float softcap = 0;                // scores become softcap * tanh(score / softcap), if it is not 0
  const float* key_bias = nullptr;  // added to the scores, [heads, key_bias_stride]; or null
  size_t key_bias_stride = 0;
  DType kv_type = DType::float32;              // float32 or bfloat16
  WeightType precision = WeightType::float32;  // bfloat16 lets a kernel compute in bfloat16; float32 is exact
};
// One independent sequence: `queries` rows against `keys` rows.
struct AttentionSequence {
  const float* q = nullptr;
  const void* k = nullptr;
  const void* v = nullptr;
  float* out = nullptr;  // [queries, heads * head_dim]
  int64_t queries = 0, keys = 0;
  int64_t first_position = 0;
  float* probabilities = nullptr;  // [heads, queries, keys] when wanted
  const float* mask = nullptr;     // added to the scores, [queries, keys], or null
  int64_t mask_head_stride = 0;    // from one head's mask to the next; 0: all have the same
};
// A sequence's result is the same, bit for bit, whatever sequences are computed with it and on how many
// threads. Of up to 8 queries of one sequence each gets what it would get alone, and so do queries in calls
// of 9 and more among themselves; between the two the order of the sums differs.
void attention(const AttentionShape& shape, std::span<const AttentionSequence> sequences);

// A convolution over a picture [height, width, channels] in which each channel has a filter of its own.
struct DepthwiseArgs {
  const float* x = nullptr;
  int64_t height = 0, width = 0, channels = 0;
  const float* weights = nullptr;  // [kernel_height, kernel_width, channels]
  const float* bias = nullptr;     // [channels] or null
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride = 1, dilation = 1;
  int64_t top = 0,
          left = 0;  // zeros around x; below and to the right, as many as the last row and column need
  Activation activation = Activation::none;
  float* y = nullptr;  // [out_height, out_width, channels]
  int64_t out_height = 0, out_width = 0;
};
void depthwise_convolution(const DepthwiseArgs& args);

// A picture to rows of patches, whose product with filters is a convolution: the row of position (i, j) has
// what a filter covers there, [kernel_height, kernel_width, channels], zeros where it reaches beyond.
struct PatchArgs {
  const float* x = nullptr;
  size_t x_stride = 0;  // elements between neighbouring pixels
  int64_t height = 0, width = 0, channels = 0;
  int64_t kernel_height = 1, kernel_width = 1;
  int64_t stride_y = 1, stride_x = 1, dilation = 1;
  int64_t top = 0, left = 0;
  int64_t out_width = 0;
  int64_t first = 0, count = 0;  // of the positions, row by row
  float* patches = nullptr;      // [count, kernel_height * kernel_width * channels]
};
void gather_patches(const PatchArgs& args);

// Rounds rows to the element type of a key/value cache.
void convert(const float* from, int64_t count, DType type, void* to);

}  // namespace millrace::kernels
