#include <cstring>
#include <vector>

#include "kernels/attention.h"
#include "kernels/packed_matrix.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace millrace::kernels {
namespace {

constexpr int kBlockTiles =
    4;  // tiles of queries that share a pass over the keys: their scores fit the second-level cache

constexpr int kMostColumns = 64;

size_t round_up(size_t value, size_t to) { return (value + to - 1) / to * to; }

// Where the keys and values of one head of one sequence lie, packed as matrices: K is [keys, head_dim], V is
// [head_dim, keys].
struct PackedHead {
  const AttentionSequence* sequence;
  int kv_head;
  std::byte *k, *v;
};

class PackedAttention {
 public:
  PackedAttention(const KernelTable& table, const AttentionShape& shape, WeightType type)
      : table_(table), shape_(shape), type_(type), kernel_(table.matrix[static_cast<size_t>(type)]) {}

  void run(std::span<const AttentionSequence* const> sequences) {
    size_t bytes = 0;
    for (const AttentionSequence* sequence : sequences) {
      bytes += static_cast<size_t>(shape_.kv_heads) * (k_bytes(*sequence) + v_bytes(*sequence));
    }
    const SharedScratch scratch(bytes);
    std::byte* at = scratch.data();
    std::vector<PackedHead> heads;
    for (const AttentionSequence* sequence : sequences) {
      for (int h = 0; h < shape_.kv_heads; ++h) {
        heads.push_back({sequence, h, at, at + k_bytes(*sequence)});
        at += k_bytes(*sequence) + v_bytes(*sequence);
      }
    }
    parallel_chunks(static_cast<int64_t>(heads.size()) * 2, [&](int64_t i) {
      const PackedHead& head = heads[static_cast<size_t>(i / 2)];
      if (i % 2 == 0) {
        for (size_t p = 0; p < k_panels(head.sequence->keys); ++p) pack_key_panel(head, p);
      } else {
        pack_values(head);
      }
    });
    struct Block {
      const PackedHead* kv;
      int head;
      int64_t first, count;
    };
    std::vector<Block> blocks;
    const int64_t most = kBlockTiles * kernel_.tile_rows;
    for (const PackedHead& kv : heads) {
      const int group = shape_.heads / shape_.kv_heads;
      for (int h = kv.kv_head * group; h < (kv.kv_head + 1) * group; ++h) {
        for (int64_t first = 0; first < kv.sequence->queries; first += most) {
          blocks.push_back({&kv, h, first, std::min(most, kv.sequence->queries - first)});
        }
      }
    }
    parallel_chunks(static_cast<int64_t>(blocks.size()), [&](int64_t i) {
      const Block& block = blocks[static_cast<size_t>(i)];
      attend(*block.kv, block.head, block.first, block.count);
    });
  }

 private:
  size_t columns() const { return static_cast<size_t>(kernel_.panel_columns); }
  size_t element() const { return type_ == WeightType::float32 ? sizeof(float) : sizeof(uint16_t); }
  size_t padded(int64_t inputs) const {
    return round_up(static_cast<size_t>(inputs), static_cast<size_t>(input_padding(type_)));
  }
  size_t k_panel_bytes() const { return padded(shape_.head_dim) * columns() * element(); }
  size_t v_panel_bytes(int64_t keys) const { return padded(keys) * columns() * element(); }
  size_t k_panels(int64_t keys) const { return round_up(static_cast<size_t>(keys), columns()) / columns(); }
  size_t v_panels() const { return k_panels(shape_.head_dim); }
  size_t k_bytes(const AttentionSequence& s) const { return k_panels(s.keys) * k_panel_bytes(); }
  size_t v_bytes(const AttentionSequence& s) const { return v_panels() * v_panel_bytes(s.keys); }

  // A row of one head's keys or values as float32, in `room` where it has to be converted.
  const float* row_of(const void* rows, int64_t row, int kv_head, float* room) const {
    const size_t at =
        static_cast<size_t>(row) * shape_.kv_stride + static_cast<size_t>(kv_head * shape_.head_dim);
    if (shape_.kv_type == DType::float32) return static_cast<const float*>(rows) + at;
    table_.bfloat16_to_float(static_cast<const uint16_t*>(rows) + at, shape_.head_dim, room);
    return room;
  }

  // The same as bfloat16.
  const uint16_t* half_row_of(const void* rows, int64_t row, int kv_head, float* room,
                              uint16_t* halves) const {
    table_.float_to_bfloat16(row_of(rows, row, kv_head, room), shape_.head_dim, halves);
    return halves;
  }

  // The panel of keys `panel`: their rows turned, whole values or pairs of halves at a time.
  void pack_key_panel(const PackedHead& head, size_t panel) const {
    const bool half = type_ != WeightType::float32;
    const auto width = static_cast<size_t>(shape_.head_dim);
    const size_t units = half ? (width + 1) / 2 : width, row_bytes = round_up(width * sizeof(float), 64);
    auto* zeros = reinterpret_cast<float*>(thread_scratch((columns() + 2) * row_bytes));
    float *room = zeros + row_bytes / sizeof(float), *next = room + row_bytes / sizeof(float);
    std::fill_n(zeros, width, 0.f);
    const float* rows[kMostColumns];
    for (size_t c = 0; c < columns(); ++c, next += row_bytes / sizeof(float)) {
      const auto j = static_cast<int64_t>(panel * columns() + c);
      if (j >= head.sequence->keys) {
        rows[c] = zeros;
      } else if (half) {
        auto* halves = reinterpret_cast<uint16_t*>(next);
        half_row_of(head.sequence->k, j, head.kv_head, room, halves);
        if (width % 2 != 0) halves[width] = 0;
        rows[c] = next;
      } else {
        rows[c] = row_of(head.sequence->k, j, head.kv_head, next);
      }
    }
    std::byte* out = head.k + panel * k_panel_bytes();
    table_.interleave(rows, kernel_.panel_columns, static_cast<int64_t>(units),
                      reinterpret_cast<float*>(out));
    std::memset(out + units * columns() * sizeof(float), 0,
                k_panel_bytes() - units * columns() * sizeof(float));
  }

  // Values lie as a product needs them: a key is an input. Pairs of halves are of neighbouring keys.
  void pack_values(const PackedHead& head) const {
    const auto width = static_cast<size_t>(shape_.head_dim);
    const size_t row_values = round_up(width, columns());
    const int64_t keys = head.sequence->keys;
    const size_t panel_bytes = v_panel_bytes(keys);
    auto* room = reinterpret_cast<float*>(thread_scratch(3 * row_values * sizeof(float)));
    if (type_ == WeightType::float32) {
      for (int64_t j = 0; j < keys; ++j) {
        const float* row = row_of(head.sequence->v, j, head.kv_head, room);
        for (size_t p = 0; p < v_panels(); ++p) {
          auto* to = reinterpret_cast<float*>(head.v + p * panel_bytes) + static_cast<size_t>(j) * columns();
          const size_t count = std::min(columns(), width - p * columns());
          std::copy_n(row + p * columns(), count, to);
          std::fill(to + count, to + columns(), 0.f);
        }
      }
      return;
    }
    auto *first = reinterpret_cast<uint16_t*>(room + row_values), *second = first + row_values;
    std::fill_n(first, 2 * row_values, uint16_t{0});
    for (size_t pair = 0; pair < padded(keys) / 2; ++pair) {
      const auto j = static_cast<int64_t>(pair * 2);
      for (uint16_t* halves : {first, second}) {
        const int64_t row = halves == first ? j : j + 1;
        if (row < keys) {
          half_row_of(head.sequence->v, row, head.kv_head, room, halves);
        } else {
          std::fill_n(halves, width, uint16_t{0});
        }
      }
      for (size_t p = 0; p < v_panels(); ++p) {
        auto* to = reinterpret_cast<uint32_t*>(head.v + p * panel_bytes) + pair * columns();
        for (size_t c = 0; c < columns(); ++c) {
          to[c] = first[p * columns() + c] | static_cast<uint32_t>(second[p * columns() + c]) << 16;
        }
      }
    }
  }

  // Queries [first, first + count) of one head.
  void attend(const PackedHead& kv, int head, int64_t first, int64_t count) const {
    const AttentionSequence& sequence = *kv.sequence;
    const int64_t keys = visible_keys(shape_, sequence, first + count - 1);
    const size_t stride = round_up(static_cast<size_t>(std::max<int64_t>(keys, 1)), columns());
    const size_t row_width = round_up(static_cast<size_t>(shape_.head_dim), columns());
    const size_t q_bytes = prepared_bytes(count, shape_.head_dim), p_bytes = prepared_bytes(count, keys);
    const auto rows = static_cast<size_t>(count);
    std::byte* scratch = thread_scratch((rows * (stride + row_width)) * sizeof(float) + q_bytes + p_bytes);
    auto* scores = reinterpret_cast<float*>(scratch);
    float* sums = scores + rows * stride;
    auto* prepared = reinterpret_cast<std::byte*>(sums + rows * row_width);
    const size_t at = static_cast<size_t>(head * shape_.head_dim);
    multiply({.a = sequence.q + static_cast<size_t>(first) * shape_.q_stride + at,
              .a_stride = shape_.q_stride,
              .rows = count,
              .inputs = shape_.head_dim,
              .panel = kv.k,
              .panel_bytes = k_panel_bytes(),
              .panels = k_panels(keys),
              .prepared = prepared,
              .out = scores,
              .out_stride = stride});
    softmax_scores(table_, shape_, sequence, head, first, count, scores, stride, keys);
    multiply({.a = scores,
              .a_stride = stride,
              .rows = count,
              .inputs = keys,
              .panel = kv.v,
              .panel_bytes = v_panel_bytes(sequence.keys),
              .panels = v_panels(),
              .prepared = prepared + q_bytes,
              .out = sums,
              .out_stride = row_width});
    for (int64_t i = 0; i < count; ++i) {
      std::copy_n(sums + static_cast<size_t>(i) * row_width, shape_.head_dim,
                  sequence.out + static_cast<size_t>(first + i) * shape_.out_stride + at);
    }
  }

  struct Factors {
    const float* a;
    size_t a_stride;
    int64_t rows, inputs;
    const std::byte* panel;
    size_t panel_bytes, panels;
    std::byte* prepared;
    float* out;
    size_t out_stride;
  };

  size_t tile_bytes(int64_t inputs) const {
    return round_up(kernel_.prepared_bytes(kernel_.tile_rows, inputs), 64);
  }
  size_t prepared_bytes(int64_t rows, int64_t inputs) const {
    return tile_bytes(inputs) * (round_up(static_cast<size_t>(rows), static_cast<size_t>(kernel_.tile_rows)) /
                                 static_cast<size_t>(kernel_.tile_rows));
  }

  void multiply(const Factors& f) const {
    const size_t step = tile_bytes(f.inputs);
    for (int64_t r = 0; r < f.rows; r += kernel_.tile_rows) {
      const int rows = static_cast<int>(std::min<int64_t>(kernel_.tile_rows, f.rows - r));
      const float* a = f.a + static_cast<size_t>(r) * f.a_stride;
      std::byte* prepared = f.prepared + static_cast<size_t>(r / kernel_.tile_rows) * step;
      if (step != 0) kernel_.prepare(a, f.a_stride, rows, f.inputs, prepared);
      kernel_.tile({.a = step != 0 ? static_cast<const void*>(prepared) : a,
                    .a_stride = f.a_stride,
                    .rows = rows,
                    .panel = f.panel,
                    .panel_bytes = f.panel_bytes,
                    .panels = static_cast<int>(f.panels),
                    .inputs = f.inputs,
                    .out = f.out + static_cast<size_t>(r) * f.out_stride,
                    .out_stride = f.out_stride});
    }
  }

  const KernelTable& table_;
  const AttentionShape& shape_;
  const WeightType type_;
  const MatrixKernel& kernel_;
};

}  // namespace

void attend_packed(const KernelTable& table, const AttentionShape& shape,
                   std::span<const AttentionSequence* const> sequences) {
  // Without a bfloat16 product there is nothing to gain from rounding.
  const bool half = shape.precision == WeightType::bfloat16 &&
                    table.matrix[static_cast<size_t>(WeightType::bfloat16)].prepare != nullptr;
  PackedAttention(table, shape, half ? WeightType::bfloat16 : WeightType::float32).run(sequences);
}

}  // namespace millrace::kernels
