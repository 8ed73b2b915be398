#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels/types.h"

// The seam between the portable code (threads, memory, shapes) and the code of one instruction set: a table
// of leaf functions. Each table starts as a copy of the baseline's and overrides what it improves. Everything
// here is single threaded, plain pointers, and needs no standard library.
namespace millrace::kernels {

// A few rows of A against neighbouring panels of a packed matrix. See packed_matrix.h for the panels' layout.
struct TileArgs {
  const void* a = nullptr;  // what `prepare` made, or the float32 rows themselves where there is no `prepare`
  size_t a_stride = 0;      // elements between float32 rows; unused after `prepare`
  int rows = 0;             // 1 … tile_rows
  const std::byte* panel = nullptr;
  size_t panel_bytes = 0;
  int panels = 0;
  int64_t inputs = 0;
  const float* scale = nullptr;  // int8: per column
  const int32_t* sum = nullptr;  // int8: the sum of each column's weights
  float* out = nullptr;          // [rows, panels * panel_columns], overwritten
  size_t out_stride = 0;
  // For a kernel that `finishes`: out = min(upper, max(lower, sums + bias)) + residual, which has out's
  // stride and may be out.
  bool finish = false;
  const float* bias = nullptr;
  const float* residual = nullptr;
  float lower = 0, upper = 0;
};

// One weight type's product. A column's sum is taken in the same order whatever `rows` and `panels` are, so
// that a row's result never depends on its company.
struct MatrixKernel {
  int panel_columns = 0;
  int tile_rows = 0;
  // The bytes that `prepare` writes for `rows` (at most tile_rows) rows, or 0 where the tile reads float32
  // rows.
  size_t (*prepared_bytes)(int rows, int64_t inputs) = nullptr;
  void (*prepare)(const float* a, size_t a_stride, int rows, int64_t inputs, void* prepared) = nullptr;
  void (*tile)(const TileArgs&) = nullptr;
  bool finishes = false;  // this and unpacked_tile know TileArgs::finish

  // Where more rows than tile_rows meet a panel, it may pay to unpack it first: `unpack` writes
  // unpacked_bytes(inputs) bytes, and `unpacked_tile` takes them, as TileArgs::panel, with up to
  // unpacked_tile_rows prepared rows. The sums are those of `tile`, bit for bit.
  int unpacked_tile_rows = 0;
  size_t (*unpacked_bytes)(int64_t inputs) = nullptr;
  void (*unpack)(const std::byte* panel, int64_t inputs, std::byte* unpacked) = nullptr;
  void (*unpacked_tile)(const TileArgs&) = nullptr;
};

// c = activation(sums + bias) + residual. `residual` has c's stride and may be c.
struct FinishArgs {
  const float* sums = nullptr;
  size_t sums_stride = 0;
  int rows = 0;
  int64_t columns = 0;
  const float* bias = nullptr;
  Activation activation = Activation::none;
  const float* residual = nullptr;
  float* c = nullptr;
  size_t c_stride = 0;
};

// Some queries of one head against the rows of a key/value cache, without packing.
struct DirectArgs {
  const float* q = nullptr;
  size_t q_stride = 0;
  int queries = 0;
  const void* kv = nullptr;  // the head's keys or values in the first row; float32, or bfloat16 where said
  bool bfloat16 = false;
  size_t kv_stride = 0;
  int64_t keys = 0;
  int head_dim = 0;
  float* scores = nullptr;  // [queries, scores_stride]
  size_t scores_stride = 0;
  float* out = nullptr;  // [queries, head_dim], out_stride apart
  size_t out_stride = 0;
};

// One row of a depthwise convolution's result.
struct DepthwiseRowArgs {
  const float* const* rows = nullptr;  // of x, one for each row of the filter; null where they are zeros
  int64_t width = 0, channels = 0;
  const float* weights = nullptr;  // [kernel_height, kernel_width, channels]
  const float* bias = nullptr;     // or null
  int kernel_height = 0, kernel_width = 0;
  int64_t stride = 1, dilation = 1, left = 0;
  float lower = 0, upper = 0;  // what results are held between
  int64_t out_width = 0;
  float* y = nullptr;
};

struct KernelTable {
  const char* name = nullptr;
  MatrixKernel matrix[kWeightTypes];
  void (*finish)(const FinishArgs&) = nullptr;

  // One row each.
  void (*layer_norm)(const float* x, int64_t width, const float* gain, const float* bias, float epsilon,
                     float* y);
  void (*rms_norm)(const float* x, int64_t width, const float* gain, float epsilon, float* y);
  void (*softmax)(float* x, int64_t width);
  void (*log_softmax)(const float* x, int64_t width, float* y);
  void (*add)(const float* x, int64_t count, float* y);
  void (*activate)(Activation activation, float* x, int64_t count);

  // Attention's parts. Scores become softmax(scores * scale + mask) over the first `visible` keys (all zeros
  // where that is all -infinity) and zeros up to `width`; scores = q · k; out = scores · v.
  void (*attention_softmax)(float* scores, int64_t visible, int64_t width, float scale, const float* mask);
  void (*attention_scores)(const DirectArgs& args);
  void (*attention_weighted_sum)(const DirectArgs& args);

  void (*depthwise_row)(const DepthwiseRowArgs& args);

  // out[k * columns + c] = rows[c][k] for k in [0, count): four bytes at a time, whatever they hold.
  // `columns` is a multiple of 8.
  void (*interleave)(const float* const* rows, int columns, int64_t count, float* out);

  // Conversions of contiguous values.
  void (*float16_to_float)(const uint16_t* from, int64_t count, float* to);
  void (*bfloat16_to_float)(const uint16_t* from, int64_t count, float* to);
  void (*float_to_bfloat16)(const float* from, int64_t count, uint16_t* to);
};

void override_with_avx2(KernelTable& table);
void override_with_avx512(KernelTable& table);
void override_with_amx(KernelTable& table);
void override_with_neon(KernelTable& table);

}  // namespace millrace::kernels
