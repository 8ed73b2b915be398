// Micro-benchmarks of the kernels at the shapes that models have. A counter named best_… is that of the
// quickest iteration: on a machine that others use too, means say little.
//
//   kernels_bench --benchmark_filter=Matmul   (MILLRACE_ISA forces an instruction set, --threads=N the
//   threads)
#include <benchmark/benchmark.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "bench/kernels/machine_peak.h"
#include "bench/kernels/stopwatch.h"
#include "kernels/dispatch.h"
#include "kernels/group_format.h"
#include "kernels/kernels.h"
#include "kernels/quantised_block.h"

namespace millrace::kernels {
namespace {

double peak_gflops = 1;

std::vector<float> random_floats(int64_t count) {
  std::mt19937 generator(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = uniform(generator);
  return values;
}

// Runs the body and reports the quickest iteration against `operations` and `bytes` (0: leave out).
template <class Body>
void measure(benchmark::State& state, double operations, double bytes, const Body& body) {
  double best = 1e9;
  for (auto _ : state) {
    const double start = bench::seconds_now();
    body();
    best = std::min(best, bench::seconds_now() - start);
  }
  state.counters["best_us"] = best * 1e6;
  if (operations > 0) {
    state.counters["best_GFLOPs"] = operations / best * 1e-9;
    state.counters["%peak_fp32"] = operations / best * 1e-7 / peak_gflops;
  }
  if (bytes > 0) state.counters["best_GBs"] = bytes / best * 1e-9;
}

// Arguments: rows, inputs, outputs, weight type, activation.
void Matmul(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const auto type = static_cast<WeightType>(state.range(3));
  const std::vector<float> a = random_floats(rows * inputs), bias = random_floats(outputs);
  const PackedMatrix weights =
      pack_matrix(Tensor::from<float>({outputs, inputs}, random_floats(outputs * inputs)), type);
  std::vector<float> c(static_cast<size_t>(rows * outputs));
  state.SetLabel(std::string(name_of(type)));
  measure(state, 2.0 * static_cast<double>(rows * inputs * outputs),
          rows <= 16 ? static_cast<double>(weights.bytes()) : 0, [&] {
            matmul(weights, {.a = a.data(),
                             .a_stride = static_cast<size_t>(inputs),
                             .rows = rows,
                             .bias = bias.data(),
                             .activation = static_cast<Activation>(state.range(4)),
                             .c = c.data(),
                             .c_stride = static_cast<size_t>(outputs)});
            benchmark::ClobberMemory();
          });
}
void encoder_shapes(benchmark::internal::Benchmark* bench) {
  for (const int64_t type : {0, 1, 2, 3}) {
    bench->Args({1500, 512, 512, type, 0})
        ->Args({1500, 512, 2048, type, 0})
        ->Args({1500, 512, 2048, type, 2});
    bench->Args({1500, 2048, 512, type, 0});
  }
}
void decoder_shapes(benchmark::internal::Benchmark* bench) {
  for (const int64_t type : {0, 1, 2, 3}) {
    for (const int64_t rows : {1, 5, 16}) {
      bench->Args({rows, 512, 512, type, 0})
          ->Args({rows, 512, 2048, type, 2})
          ->Args({rows, 512, 51865, type, 0});
    }
  }
}
BENCHMARK(Matmul)->Name("MatmulEncoder")->Apply(encoder_shapes)->MinTime(0.2)->Unit(benchmark::kMillisecond);
BENCHMARK(Matmul)->Name("MatmulDecoder")->Apply(decoder_shapes)->MinTime(0.1)->Unit(benchmark::kMicrosecond);

// Random blocks of a GGML type; only the float16 scales have to be numbers, and 0x2424 is one, 0.016.
std::vector<std::byte> random_blocks(WeightType type, int64_t count) {
  const GgmlBlock block = block_of(type);
  return {static_cast<size_t>(count / block.values) * block.bytes, std::byte{0x24}};
}

// Arguments: rows, inputs, outputs, weight type. bench/compare/ggml_matmul.py times the same with ggml.
void QuantisedMatmul(benchmark::State& state) {
  const int64_t rows = state.range(0), inputs = state.range(1), outputs = state.range(2);
  const auto type = static_cast<WeightType>(state.range(3));
  const std::vector<float> a = random_floats(rows * inputs);
  const std::vector<std::byte> blocks = random_blocks(type, inputs * outputs);
  const PackedMatrix weights = pack_matrix(
      std::vector{QuantisedRows{.type = type, .outputs = outputs, .inputs = inputs, .blocks = blocks}});
  std::vector<float> c(static_cast<size_t>(rows * outputs));
  state.SetLabel(std::string(name_of(type)));
  measure(state, 2.0 * static_cast<double>(rows * inputs * outputs),
          rows <= 16 ? static_cast<double>(weights.bytes()) : 0, [&] {
            matmul(weights, {.a = a.data(),
                             .a_stride = static_cast<size_t>(inputs),
                             .rows = rows,
                             .c = c.data(),
                             .c_stride = static_cast<size_t>(outputs)});
            benchmark::ClobberMemory();
          });
}
void quantised_shapes(benchmark::internal::Benchmark* bench) {
  constexpr std::pair<int64_t, int64_t> kShapes[] = {{576, 576},  {576, 192},   {576, 1536},
                                                     {1536, 576}, {576, 49152}, {1024, 4096}};
  for (int type = static_cast<int>(WeightType::int4); type < kWeightTypes; ++type) {
    for (const auto& [inputs, outputs] : kShapes) {
      if (group_format(static_cast<WeightType>(type)).shared && inputs % 256 != 0) continue;
      bench->Args({1, inputs, outputs, type});
      if (outputs < 40000) bench->Args({512, inputs, outputs, type});
    }
  }
}
BENCHMARK(QuantisedMatmul)->Apply(quantised_shapes)->MinTime(0.1)->Unit(benchmark::kMicrosecond);

// Arguments: sequences, heads, queries, keys, head size, bfloat16 cache, bfloat16 precision.
void Attention(benchmark::State& state) {
  const int64_t count = state.range(0), heads = state.range(1), queries = state.range(2),
                keys = state.range(3), width = state.range(1) * state.range(4);
  const bool half = state.range(5) != 0;
  const std::vector<float> q = random_floats(queries * width);
  std::vector<std::vector<float>> rows;
  for (int64_t i = 0; i < 2 * count; ++i) {
    rows.push_back(random_floats(keys * width));
    if (half) convert(rows.back().data(), keys * width, DType::bfloat16, rows.back().data());
  }
  std::vector<float> out(static_cast<size_t>(count * queries * width));
  std::vector<AttentionSequence> sequences;
  for (int64_t i = 0; i < count; ++i) {
    sequences.push_back({.q = q.data(),
                         .k = rows[static_cast<size_t>(2 * i)].data(),
                         .v = rows[static_cast<size_t>(2 * i + 1)].data(),
                         .out = out.data() + i * queries * width,
                         .queries = queries,
                         .keys = keys});
  }
  const auto stride = static_cast<size_t>(width);
  const AttentionShape shape{.heads = static_cast<int>(heads),
                             .kv_heads = static_cast<int>(heads),
                             .head_dim = static_cast<int>(state.range(4)),
                             .q_stride = stride,
                             .kv_stride = stride,
                             .out_stride = stride,
                             .scale = 0.125f,
                             .kv_type = half ? DType::bfloat16 : DType::float32,
                             .precision = state.range(6) != 0 ? WeightType::bfloat16 : WeightType::float32};
  measure(state, 4.0 * static_cast<double>(count * queries * keys * width),
          queries <= 8 ? static_cast<double>(2 * count * keys * width * (half ? 2 : 4)) : 0, [&] {
            attention(shape, sequences);
            benchmark::ClobberMemory();
          });
}
BENCHMARK(Attention)
    ->Name("AttentionEncoder")
    ->Unit(benchmark::kMillisecond)
    ->MinTime(0.2)
    ->Args({1, 8, 1500, 1500, 64, 0, 0})
    ->Args({1, 8, 1500, 1500, 64, 0, 1});
BENCHMARK(Attention)
    ->Name("AttentionDecoder")
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(0.1)
    ->Args({1, 8, 1, 1500, 64, 0, 0})
    ->Args({1, 8, 1, 1500, 64, 1, 0})
    ->Args({5, 8, 1, 1500, 64, 0, 0})
    ->Args({1, 8, 5, 1500, 64, 0, 0})
    ->Args({1, 8, 1, 100, 64, 0, 0})
    ->Args({8, 8, 1, 200, 64, 0, 0});

void Rows(benchmark::State& state) {
  const int64_t rows = state.range(0), width = state.range(1), what = state.range(2);
  const std::vector<float> x = random_floats(rows * width), gain = random_floats(width);
  std::vector<float> y = x;
  static constexpr const char* kNames[] = {"layer_norm", "softmax", "log_softmax", "gelu", "silu"};
  state.SetLabel(kNames[what]);
  measure(state, 0, static_cast<double>(rows * width * 8), [&] {
    switch (what) {
      case 0:
        layer_norm(x.data(), rows, width, gain.data(), gain.data(), 1e-5f, y.data());
        break;
      case 1:
        softmax(y.data(), rows, width);
        break;
      case 2:
        log_softmax(x.data(), width, y.data());
        break;
      case 3:
        activate(Activation::gelu, y.data(), rows * width);
        break;
      default:
        activate(Activation::silu, y.data(), rows * width);
        break;
    }
    benchmark::ClobberMemory();
  });
}
BENCHMARK(Rows)
    ->Unit(benchmark::kMicrosecond)
    ->MinTime(0.05)
    ->Args({1500, 512, 0})
    ->Args({1, 512, 0})
    ->Args({1500, 1500, 1})
    ->Args({1, 51865, 2})
    ->Args({1500, 512, 3})
    ->Args({1500, 512, 4});

// Packing: arguments outputs, inputs, weight type, source element type.
void Pack(benchmark::State& state) {
  const int64_t outputs = state.range(0), inputs = state.range(1);
  const auto type = static_cast<WeightType>(state.range(2));
  const auto source = static_cast<DType>(state.range(3));
  const Tensor weights = source == DType::float32
                             ? Tensor::from<float>({outputs, inputs}, random_floats(outputs * inputs))
                             : Tensor(source, {outputs, inputs});
  state.SetLabel(std::string(name_of(source)) + " to " + std::string(name_of(type)));
  measure(state, 0, static_cast<double>(weights.bytes().size()),
          [&] { benchmark::DoNotOptimize(pack_matrix(weights, type)); });
}
BENCHMARK(Pack)
    ->Unit(benchmark::kMillisecond)
    ->MinTime(0.1)
    ->Args({51865, 512, 0, 0})
    ->Args({51865, 512, 0, 1})
    ->Args({51865, 512, 1, 1})
    ->Args({51865, 512, 2, 0})
    ->Args({51865, 512, 2, 1})
    ->Args({51865, 512, 3, 1})
    ->Args({2048, 512, 0, 0})
    ->Args({2048, 512, 0, 1});

}  // namespace
}  // namespace millrace::kernels

int main(int argc, char** argv) {
  const std::string flag = "--threads=";
  size_t threads = 0;
  const auto rest = std::remove_if(argv + 1, argv + argc, [&](const char* argument) {
    const std::string text = argument;
    if (text.compare(0, flag.size(), flag) != 0) return false;
    threads = static_cast<size_t>(std::strtoul(text.c_str() + flag.size(), nullptr, 10));
    return true;
  });
  argc = static_cast<int>(rest - argv);
  tbb::task_arena arena(threads > 0 ? static_cast<int>(threads) : tbb::task_arena::automatic);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  arena.execute([&] {
    millrace::kernels::peak_gflops = millrace::bench::peak_float32_gflops();
    benchmark::AddCustomContext("isa", std::string(millrace::kernels::active_isa()));
    benchmark::AddCustomContext("threads", std::to_string(tbb::this_task_arena::max_concurrency()));
    benchmark::AddCustomContext("peak float32", std::to_string(millrace::kernels::peak_gflops) + " GFLOP/s");
    benchmark::AddCustomContext("peak read", std::to_string(millrace::bench::peak_read_gbytes()) + " GB/s");
    benchmark::RunSpecifiedBenchmarks();
  });
  return 0;
}
