#include "models/layers/self_attention.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>

namespace millrace {
namespace {

// The order that sorts the rows of a grouped joint projection into queries, keys and values.
std::vector<int64_t> ungrouped(const AttentionOptions& options) {
  const int64_t queries = options.heads / options.kv_heads, group = queries + 2;
  std::vector<int64_t> order;
  const auto take = [&](int64_t first, int64_t count) {
    for (int64_t g = 0; g < options.kv_heads; ++g)
      for (int64_t i = 0; i < count * options.head_dim; ++i)
        order.push_back((g * group + first) * options.head_dim + i);
  };
  take(0, queries);
  take(queries, 1);
  take(queries + 1, 1);
  return order;
}

Linear projections(const WeightScope& scope, const AttentionOptions& options) {
  const int64_t queries = options.query_width(), keys = options.kv_width();
  if (!scope.has("query_key_value.weight"))
    return Linear(std::array{Linear::Part{scope.at("query"), queries}, Linear::Part{scope.at("key"), keys},
                             Linear::Part{scope.at("value"), keys}},
                  options.width);
  if (options.grouped_projection)
    return Linear(scope.at("query_key_value"), {queries + 2 * keys, options.width}, ungrouped(options));
  return Linear(scope.at("query_key_value"), queries + 2 * keys, options.width);
}

std::optional<HeadNorm> norm_in(const WeightScope& scope, int64_t heads, int64_t head_dim,
                                const NormOptions& options) {
  if (!HeadNorm::in(scope)) return std::nullopt;
  return HeadNorm(scope, heads, head_dim, options);
}

// Which keys the rows of a sequence may see. Keys begin with the sequence, rows with its position.
class Sight {
 public:
  Sight(const SequenceRows& sequence, const AttentionOptions& options)
      : sequence_(sequence), options_(options) {}

  bool behind(int64_t row, int64_t key) const { return options_.causal && key > sequence_.position + row; }
  bool within_window(int64_t row, int64_t key) const {
    return options_.window == 0 || key > sequence_.position + row - options_.window;
  }
  bool padding(int64_t key) const { return sequence_.tokens != nullptr && sequence_.tokens[key] == 0; }
  bool in_block(int64_t row, int64_t key) const {
    const int64_t other = key - sequence_.position;
    return sequence_.blocks != nullptr && other >= 0 && sequence_.blocks[row] >= 0 &&
           sequence_.blocks[row] == sequence_.blocks[other];
  }
  bool ordered(int64_t row, int64_t key) const {
    const bool before = !behind(row, key), near = within_window(row, key);
    if (!in_block(row, key)) return before && near;
    return near || options_.wide_blocks;
  }

 private:
  const SequenceRows& sequence_;
  const AttentionOptions& options_;
};

// What is added to the scores of a sequence with padding or blocks, [rows, keys], as transformers adds it: a
// row that sees nothing then sees everything; or, with added masks, everything that its order allows.
const float* mask_of(const SequenceRows& sequence, const AttentionOptions& options, Workspace& workspace) {
  constexpr float kHidden = std::numeric_limits<float>::lowest();
  const Rows mask = workspace.rows(sequence.rows, sequence.position + sequence.rows);
  const Sight sight(sequence, options);
  for (int64_t i = 0; i < mask.count; ++i)
    for (int64_t j = 0; j < mask.width; ++j) {
      const bool ordered = sight.ordered(i, j), padding = sight.padding(j);
      if (options.added_masks)  // twice the lowest is minus infinity
        mask.row(i)[j] = (ordered ? 0 : kHidden) + (padding || sight.behind(i, j) ? kHidden : 0);
      else
        mask.row(i)[j] = ordered && !padding ? 0 : kHidden;
    }
  return mask.data;
}

}  // namespace

SelfAttention::SelfAttention(const WeightScope& scope, const AttentionOptions& options,
                             const NormOptions& norm)
    : options_(options),
      query_key_value_(projections(scope, options)),
      output_(scope.at("output"), options.width, options.query_width()),
      query_norm_(norm_in(scope.at("query_norm"), options.heads, options.head_dim, norm)),
      key_norm_(norm_in(scope.at("key_norm"), options.kv_heads, options.head_dim, norm)),
      weights_(scope.type()) {}

void SelfAttention::forward(const Rows& x, const StepRows& step, const Rows& out, bool residual,
                            Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows projected = workspace.rows(x.count, query_key_value_.outputs());
  const Rows mixed = workspace.rows(x.count, options_.query_width());
  query_key_value_.forward(x, projected);
  const int64_t kv_width = options_.kv_width();
  const Rows queries = projected.columns(0, options_.query_width());
  const Rows keys = projected.columns(queries.width, kv_width);
  const Rows values = projected.columns(queries.width + kv_width, kv_width);
  adjust(queries, keys, values, step);
  attend(queries, keys, values, step, mixed, workspace);
  output_.forward(mixed, out, {.residual = residual ? out.data : nullptr});
}

void SelfAttention::adjust(const Rows& queries, const Rows& keys, const Rows& values,
                           const StepRows& step) const {
  if (options_.clip != 0)
    for (const Rows& rows : {queries, keys, values})
      for (int64_t i = 0; i < rows.count; ++i)
        for (float& value : std::span(rows.row(i), static_cast<size_t>(rows.width)))
          value = std::clamp(value, -options_.clip, options_.clip);
  if (query_norm_) query_norm_->forward(queries);
  if (key_norm_) key_norm_->forward(keys);
  if (options_.rotary) {
    const RotaryAngles& angles = step.angles[options_.rotary_index];
    options_.rotary->rotate(queries, angles);
    options_.rotary->rotate(keys, angles);
  }
}

void SelfAttention::attend(const Rows& queries, const Rows& keys, const Rows& values, const StepRows& step,
                           const Rows& mixed, Workspace& workspace) const {
  const int64_t kv_width = options_.kv_width();
  const SequenceRows& first = step.sequences.front();
  const bool cached = first.keys != nullptr;
  const DType type = cached ? cache_type(weights_) : DType::float32;
  const bool masked = std::ranges::any_of(
      step.sequences, [](const auto& s) { return s.tokens != nullptr || s.blocks != nullptr; });

  auto& calls = workspace.sequences();
  for (const auto& sequence : step.sequences) {
    kernels::AttentionSequence call{.q = queries.row(sequence.first_row),
                                    .k = keys.row(sequence.first_row),
                                    .v = values.row(sequence.first_row),
                                    .out = mixed.row(sequence.first_row),
                                    .queries = sequence.rows,
                                    .keys = sequence.seen > 0 ? sequence.seen : sequence.rows,
                                    .first_position = sequence.position};
    if (cached) {
      for (int64_t i = 0; i < sequence.rows; ++i) {
        const size_t at = static_cast<size_t>(sequence.position + i) * sequence.position_bytes;
        kernels::convert(keys.row(sequence.first_row + i), kv_width, type, sequence.keys + at);
        kernels::convert(values.row(sequence.first_row + i), kv_width, type, sequence.values + at);
      }
      call.k = sequence.keys;
      call.v = sequence.values;
      call.keys = sequence.position + sequence.rows;
    }
    if (masked) call.mask = mask_of(sequence, options_, workspace);
    if (step.score_bias != nullptr) {
      assert(!masked && !cached);
      call.mask = step.score_bias;
      call.mask_head_stride = sequence.rows * sequence.rows;
    }
    calls.push_back(call);
  }
  kernels::attention({.heads = static_cast<int>(options_.heads),
                      .kv_heads = static_cast<int>(options_.kv_heads),
                      .head_dim = static_cast<int>(options_.head_dim),
                      .q_stride = queries.stride,
                      .kv_stride = cached ? first.position_bytes / size_of(type) : keys.stride,
                      .out_stride = mixed.stride,
                      .scale = options_.scale,
                      .causal = options_.causal && !masked,
                      .window = masked ? 0 : options_.window,
                      .softcap = options_.softcap,
                      .key_bias = step.key_bias.data,
                      .key_bias_stride = step.key_bias.stride,
                      .kv_type = type,
                      .precision = attention_precision(weights_)},
                     calls);
}

}  // namespace millrace
