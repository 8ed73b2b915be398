#pragma once
#include "kernels/kernel_table.h"

// Plain C++ for any processor: what the compiler makes of it without flags. The other instruction sets
// override it.
namespace millrace::kernels {

KernelTable baseline_table();

namespace baseline {

extern const MatrixKernel kFloat32, kBfloat16, kInt8;
MatrixKernel grouped_kernel(WeightType type);  // int4 and GGML's

void finish(const FinishArgs& args);
float activate_one(Activation activation, float x);

void layer_norm(const float* x, int64_t width, const float* gain, const float* bias, float epsilon, float* y);
void rms_norm(const float* x, int64_t width, const float* gain, float epsilon, float* y);
void softmax(float* x, int64_t width);
void log_softmax(const float* x, int64_t width, float* y);
void add(const float* x, int64_t count, float* y);
void activate(Activation activation, float* x, int64_t count);

void attention_softmax(float* scores, int64_t visible, int64_t width, float scale, const float* mask);
void attention_scores(const DirectArgs& args);
void attention_weighted_sum(const DirectArgs& args);

void depthwise_row(const DepthwiseRowArgs& args);

void interleave(const float* const* rows, int columns, int64_t count, float* out);

void float16_to_float(const uint16_t* from, int64_t count, float* to);
void bfloat16_to_float(const uint16_t* from, int64_t count, float* to);
void float_to_bfloat16(const float* from, int64_t count, uint16_t* to);

}  // namespace baseline
}  // namespace millrace::kernels
