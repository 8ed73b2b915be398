#include <algorithm>

#include "kernels/dispatch.h"
#include "kernels/kernel_table.h"
#include "kernels/kernels.h"
#include "kernels/parallel.h"

namespace millrace::kernels {
namespace {

constexpr int64_t kChunkValues = 16384;  // about 5 microseconds of work

// body(first, last) over ranges of rows.
template <class Body>
void for_row_ranges(int64_t rows, int64_t width, const Body& body) {
  const int64_t rows_per_chunk = std::max<int64_t>(1, kChunkValues / std::max<int64_t>(width, 1));
  const int64_t chunks = std::min((rows + rows_per_chunk - 1) / rows_per_chunk, 4 * thread_count());
  parallel_chunks(chunks, [&](int64_t i) { body(rows * i / chunks, rows * (i + 1) / chunks); });
}

}  // namespace

void layer_norm(const float* x, int64_t rows, int64_t width, const float* gain, const float* bias,
                float epsilon, float* y) {
  const KernelTable& table = active_table();
  for_row_ranges(rows, width, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r)
      table.layer_norm(x + r * width, width, gain, bias, epsilon, y + r * width);
  });
}

void rms_norm(const float* x, int64_t rows, int64_t width, const float* gain, float epsilon, float* y) {
  const KernelTable& table = active_table();
  for_row_ranges(rows, width, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) table.rms_norm(x + r * width, width, gain, epsilon, y + r * width);
  });
}

void softmax(float* x, int64_t rows, int64_t width) {
  const KernelTable& table = active_table();
  for_row_ranges(rows, width, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) table.softmax(x + r * width, width);
  });
}

void log_softmax(const float* x, int64_t width, float* y) { active_table().log_softmax(x, width, y); }

void add(const float* x, int64_t count, float* y) {
  const KernelTable& table = active_table();
  for_row_ranges(count, 1,
                 [&](int64_t first, int64_t last) { table.add(x + first, last - first, y + first); });
}

void activate(Activation activation, float* x, int64_t count) {
  const KernelTable& table = active_table();
  for_row_ranges(count, 1,
                 [&](int64_t first, int64_t last) { table.activate(activation, x + first, last - first); });
}

void gate(const GateArgs& args) {
  const KernelTable& table = active_table();
  for_row_ranges(args.rows, args.width, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      float* gate = args.gate + static_cast<size_t>(r) * args.stride;
      const float* x = args.x + static_cast<size_t>(r) * args.stride;
      float* y = args.y + static_cast<size_t>(r) * args.y_stride;
      table.activate(args.activation, gate, args.width);
      for (int64_t i = 0; i < args.width; ++i) y[i] = gate[i] * x[i];
    }
  });
}

void convert(const float* from, int64_t count, DType type, void* to) {
  if (type == DType::bfloat16) {
    active_table().float_to_bfloat16(from, count, static_cast<uint16_t*>(to));
  } else {
    std::copy_n(from, count, static_cast<float*>(to));
  }
}

}  // namespace millrace::kernels
