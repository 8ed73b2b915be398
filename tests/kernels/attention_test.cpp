#include <gtest/gtest.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <limits>

#include "kernels/kernels.h"
#include "tests/kernels/every_isa.h"

namespace millrace::kernels {
namespace {

class Attention : public EveryIsa {};
MILLRACE_EVERY_ISA(Attention);

struct Case {
  int heads = 2, kv_heads = 2, head_dim = 64;
  int64_t queries = 1, keys = 1, first_position = 0;
  bool causal = false, mask = false, probabilities = false;
  DType kv_type = DType::float32;
  WeightType precision = WeightType::float32;
  double tolerance = 3e-6;
  int64_t window = 0;
  float softcap = 0;
  bool key_bias = false;
  bool head_masks = false;  // each head has a mask of its own
};

struct Inputs {
  std::vector<float> q, k, v, mask, key_bias;
  std::vector<uint16_t> k16, v16;
  size_t q_stride = 0, kv_stride = 0, out_stride = 0;
};

Inputs make_inputs(const Case& c) {
  Inputs in;
  in.q_stride = static_cast<size_t>(c.heads * c.head_dim) + 5;
  in.kv_stride = static_cast<size_t>(c.kv_heads * c.head_dim) + 3;
  in.out_stride = static_cast<size_t>(c.heads * c.head_dim) + 1;
  in.q = random_floats(static_cast<size_t>(c.queries) * in.q_stride, 1, -2, 2);
  in.k = random_floats(static_cast<size_t>(c.keys) * in.kv_stride, 2, -2, 2);
  in.v = random_floats(static_cast<size_t>(c.keys) * in.kv_stride, 3);
  if (c.mask) {
    in.mask = random_floats(static_cast<size_t>((c.head_masks ? c.heads : 1) * c.queries * c.keys), 4, -3, 3);
    for (size_t i = 0; i < in.mask.size(); i += 3) in.mask[i] = -std::numeric_limits<float>::infinity();
  }
  if (c.key_bias) in.key_bias = random_floats(static_cast<size_t>(c.heads * c.keys), 5, -3, 3);
  if (c.kv_type == DType::bfloat16) {
    in.k16.resize(in.k.size());
    in.v16.resize(in.v.size());
    convert(in.k.data(), static_cast<int64_t>(in.k.size()), DType::bfloat16, in.k16.data());
    convert(in.v.data(), static_cast<int64_t>(in.v.size()), DType::bfloat16, in.v16.data());
    for (size_t i = 0; i < in.k.size(); ++i) in.k[i] = bfloat16_to_float(in.k16[i]);
    for (size_t i = 0; i < in.v.size(); ++i) in.v[i] = bfloat16_to_float(in.v16[i]);
  }
  return in;
}

AttentionShape shape_of(const Case& c, const Inputs& in) {
  return {.heads = c.heads,
          .kv_heads = c.kv_heads,
          .head_dim = c.head_dim,
          .q_stride = in.q_stride,
          .kv_stride = in.kv_stride,
          .out_stride = in.out_stride,
          .scale = static_cast<float>(1 / std::sqrt(c.head_dim)),
          .causal = c.causal,
          .window = c.window,
          .softcap = c.softcap,
          .key_bias = c.key_bias ? in.key_bias.data() : nullptr,
          .key_bias_stride = static_cast<size_t>(c.keys),
          .kv_type = c.kv_type,
          .precision = c.precision};
}

AttentionSequence sequence_of(const Case& c, const Inputs& in) {
  const bool half = c.kv_type == DType::bfloat16;
  return {.q = in.q.data(),
          .k = half ? static_cast<const void*>(in.k16.data()) : in.k.data(),
          .v = half ? static_cast<const void*>(in.v16.data()) : in.v.data(),
          .queries = c.queries,
          .keys = c.keys,
          .first_position = c.first_position,
          .mask = c.mask ? in.mask.data() : nullptr,
          .mask_head_stride = c.head_masks ? c.queries * c.keys : 0};
}

// One query of one head, in double.
void reference(const Case& c, const Inputs& in, int head, int64_t query, std::vector<double>& p,
               std::vector<double>& out) {
  const auto width = static_cast<size_t>(c.head_dim);
  const size_t kv = static_cast<size_t>(head / (c.heads / c.kv_heads)) * width;
  const float* q = in.q.data() + static_cast<size_t>(query) * in.q_stride + static_cast<size_t>(head) * width;
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  p.assign(static_cast<size_t>(c.keys), top);
  out.assign(width, 0);
  for (int64_t j = 0; j < c.keys; ++j) {
    if (c.causal && j > c.first_position + query) break;
    if (c.causal && c.window != 0 && j <= c.first_position + query - c.window) continue;
    double dot = 0;
    for (size_t d = 0; d < width; ++d)
      dot += static_cast<double>(q[d]) * in.k[static_cast<size_t>(j) * in.kv_stride + kv + d];
    double score = dot / std::sqrt(c.head_dim);
    if (c.softcap != 0) score = c.softcap * std::tanh(score / c.softcap);
    if (c.key_bias) score += in.key_bias[static_cast<size_t>(head * c.keys + j)];
    if (c.mask)
      score += in.mask[static_cast<size_t>(((c.head_masks ? head : 0) * c.queries + query) * c.keys + j)];
    p[static_cast<size_t>(j)] = score;
    top = std::max(top, p[static_cast<size_t>(j)]);
  }
  for (double& x : p) sum += x = top == -std::numeric_limits<double>::infinity() ? 0 : std::exp(x - top);
  for (size_t j = 0; j < p.size(); ++j) {
    if (sum > 0) p[j] /= sum;
    for (size_t d = 0; d < width; ++d) out[d] += p[j] * in.v[j * in.kv_stride + kv + d];
  }
}

void check(const Case& c) {
  SCOPED_TRACE(testing::Message() << c.heads << "/" << c.kv_heads << " heads of " << c.head_dim << ", "
                                  << c.queries << " queries, " << c.keys << " keys"
                                  << (c.causal ? ", causal" : ""));
  const Inputs in = make_inputs(c);
  std::vector<float> out(static_cast<size_t>(c.queries) * in.out_stride, -7);
  std::vector<float> probabilities(static_cast<size_t>(c.heads * c.queries * c.keys), -7);
  AttentionSequence sequence = sequence_of(c, in);
  sequence.out = out.data();
  sequence.probabilities = c.probabilities ? probabilities.data() : nullptr;
  attention(shape_of(c, in), {&sequence, 1});
  std::vector<double> p, expected;
  const int64_t stride = std::max<int64_t>(1, c.queries / 40);
  for (int head = 0; head < c.heads; ++head) {
    for (int64_t query = 0; query < c.queries; query += stride) {
      reference(c, in, head, query, p, expected);
      for (size_t d = 0; d < expected.size(); ++d) {
        ASSERT_NEAR(
            out[static_cast<size_t>(query) * in.out_stride + static_cast<size_t>(head * c.head_dim) + d],
            expected[d], c.tolerance)
            << "head " << head << ", query " << query << ", value " << d;
      }
      for (int64_t j = 0; c.probabilities && j < c.keys; ++j) {
        ASSERT_NEAR(probabilities[static_cast<size_t>((head * c.queries + query) * c.keys + j)],
                    p[static_cast<size_t>(j)], c.tolerance);
      }
    }
  }
  for (int64_t query = 0; query < c.queries; ++query) {
    EXPECT_EQ(out[static_cast<size_t>(query + 1) * in.out_stride - 1], -7) << "wrote past the row";
  }
}

TEST_P(Attention, AnyNumberOfKeys) {
  for (int64_t keys = 1; keys <= 70; ++keys) {
    check({.queries = 1, .keys = keys});
    check({.queries = 13, .keys = keys, .probabilities = true});
  }
}

TEST_P(Attention, AnyNumberOfQueries) {
  for (int64_t queries = 1; queries <= 40; ++queries) {
    check({.queries = queries, .keys = 37, .probabilities = queries % 2 == 0});
    check({.queries = queries,
           .keys = queries + 4,
           .first_position = 4,
           .causal = true,
           .probabilities = true});
  }
}

TEST_P(Attention, AnyHeadSize) {
  for (int head_dim = 1; head_dim <= 70; ++head_dim) {
    check({.head_dim = head_dim, .queries = 2, .keys = 19});
    check({.head_dim = head_dim, .queries = 15, .keys = 19});
    check({.head_dim = head_dim, .queries = 2, .keys = 19, .kv_type = DType::bfloat16});
  }
  for (const int head_dim : {80, 96, 112, 128, 160, 256}) {
    check({.head_dim = head_dim, .queries = 1, .keys = 45});
    check({.head_dim = head_dim, .queries = 12, .keys = 45});
  }
}

TEST_P(Attention, GroupedHeads) {
  for (const int64_t queries : {1, 3, 20}) {
    check({.heads = 6, .kv_heads = 2, .head_dim = 16, .queries = queries, .keys = 33, .probabilities = true});
    check({.heads = 4,
           .kv_heads = 1,
           .head_dim = 24,
           .queries = queries,
           .keys = 33,
           .first_position = 10,
           .causal = true});
  }
}

// One query, a few and many; the window longer and shorter than what there is, and of one key.
TEST_P(Attention, AWindowACapAndABiasOfKeys) {
  for (const int64_t queries : {1, 5, 43}) {
    for (const int64_t window : {1, 7, 30, 200}) {
      const Case c{.queries = queries,
                   .keys = 60 + queries,
                   .first_position = 60,
                   .causal = true,
                   .probabilities = true,
                   .window = window};
      check(c);
    }
    check({.queries = queries, .keys = 31, .softcap = 1.5});
    check({.heads = 4, .queries = queries, .keys = 31, .key_bias = true});
    check({.heads = 4,
           .kv_heads = 2,
           .head_dim = 12,
           .queries = queries,
           .keys = 60 + queries,
           .first_position = 60,
           .causal = true,
           .mask = true,
           .window = 17,
           .softcap = 2,
           .key_bias = true});
  }
}

TEST_P(Attention, WithAMaskForEachHead) {
  for (const int64_t queries : {1, 5, 40})
    check({.heads = 3,
           .kv_heads = 3,
           .head_dim = 20,
           .queries = queries,
           .keys = 40,
           .mask = true,
           .probabilities = true,
           .head_masks = true});
}

// Some rows of the mask have no finite value in what is visible: their result is zero.
TEST_P(Attention, Masks) {
  for (const int64_t queries : {1, 2, 9, 30}) {
    check({.queries = queries, .keys = 31, .mask = true, .probabilities = true});
    check({.queries = queries, .keys = 31, .causal = true, .mask = true, .probabilities = true});
  }
}

TEST_P(Attention, Bfloat16Keys) {
  for (const int64_t queries : {1, 7, 25}) {
    check({.queries = queries, .keys = 101, .kv_type = DType::bfloat16});
    check({.queries = queries,
           .keys = 101,
           .causal = true,
           .mask = true,
           .probabilities = true,
           .kv_type = DType::bfloat16});
  }
}

TEST_P(Attention, Bfloat16Precision) {
  for (const int head_dim : {16, 20, 64, 80}) {
    for (const int64_t queries : {1, 7, 25, 61}) {
      check({.head_dim = head_dim,
             .queries = queries,
             .keys = 101,
             .probabilities = true,
             .precision = WeightType::bfloat16,
             .tolerance = 2e-2});
      check({.head_dim = head_dim,
             .queries = queries,
             .keys = 70,
             .causal = true,
             .kv_type = DType::bfloat16,
             .precision = WeightType::bfloat16,
             .tolerance = 4e-2});
    }
  }
}

TEST_P(Attention, Whisper) { check({.heads = 8, .kv_heads = 8, .queries = 200, .keys = 1500}); }

TEST_P(Attention, NoKeysGiveZeros) {
  const float q[8] = {1};
  float out[8];
  std::fill_n(out, 8, 5.f);
  const AttentionSequence sequence{.q = q, .out = out, .queries = 1, .keys = 0};
  attention({.heads = 1, .kv_heads = 1, .head_dim = 8, .q_stride = 8, .kv_stride = 8, .out_stride = 8},
            {&sequence, 1});
  for (const float x : out) EXPECT_EQ(x, 0);
}

// Several slots that decode together: every sequence gets what it would get alone, on any number of threads.
TEST_P(Attention, ASequenceDoesNotDependOnItsCompany) {
  for (const DType kv_type : {DType::float32, DType::bfloat16}) {
    std::vector<Case> cases;
    for (int i = 0; i < 7; ++i) {
      cases.push_back({.heads = 4,
                       .kv_heads = 2,
                       .queries = i == 3 ? 20 : 1 + i % 2,
                       .keys = 60 + 31 * i,
                       .first_position = 58 + 31 * i,
                       .causal = true,
                       .kv_type = kv_type});
    }
    std::vector<Inputs> inputs;
    for (const Case& c : cases) inputs.push_back(make_inputs(c));
    const AttentionShape shape = shape_of(cases[0], inputs[0]);
    const auto run = [&](size_t first, size_t count) {
      std::vector<std::vector<float>> outs;
      std::vector<AttentionSequence> sequences;
      for (size_t i = first; i < first + count; ++i) {
        outs.emplace_back(static_cast<size_t>(cases[i].queries) * shape.out_stride);
        sequences.push_back(sequence_of(cases[i], inputs[i]));
        sequences.back().out = outs.back().data();
      }
      attention(shape, sequences);
      return outs;
    };
    const auto together = run(0, cases.size());
    for (const int threads : {1, 2, 5}) {
      tbb::task_arena arena(threads);
      arena.execute([&] {
        for (size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(run(i, 1)[0], together[i]) << i;
        EXPECT_EQ(run(0, cases.size()), together);
      });
    }
  }
}

// Up to 8 queries are computed as one would be, and 9 or more as any other number from there on.
TEST_P(Attention, AQueryDoesNotDependOnItsCompany) {
  for (const WeightType precision : {WeightType::float32, WeightType::bfloat16}) {
    const Case causal{
        .queries = 60, .keys = 133, .first_position = 73, .causal = true, .precision = precision};
    const Inputs in = make_inputs(causal);
    const AttentionShape shape = shape_of(causal, in);
    const auto run = [&](int64_t first, int64_t count) {
      AttentionSequence sequence = sequence_of(causal, in);
      std::vector<float> out(static_cast<size_t>(count) * shape.out_stride);
      sequence.q = in.q.data() + static_cast<size_t>(first) * shape.q_stride;
      sequence.queries = count;
      sequence.first_position = causal.first_position + first;
      sequence.out = out.data();
      attention(shape, {&sequence, 1});
      return out;
    };
    const auto expect_same = [&](int64_t count, int64_t company) {
      const std::vector<float> few = run(4, count), many = run(0, company);
      const std::vector<float> part(
          many.begin() + static_cast<std::ptrdiff_t>(4 * shape.out_stride),
          many.begin() + static_cast<std::ptrdiff_t>((4 + count) * shape.out_stride));
      EXPECT_EQ(few, part) << count << " of " << company;
    };
    expect_same(1, 8);
    expect_same(2, 7);
    expect_same(4, 8);
    expect_same(9, 60);
    expect_same(13, 17);
    expect_same(30, 41);
  }
}

}  // namespace
}  // namespace millrace::kernels
