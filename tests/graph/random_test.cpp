#include <gtest/gtest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <cstdlib>

#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "tests/graph/number_nodes.h"
#include "tests/graph/oracle.h"
#include "tests/graph/random_pipeline.h"

// Thousands of pipelines nobody thought of. MILLRACE_RANDOM_PIPELINES sets how many, MILLRACE_RANDOM_SEED the
// first, MILLRACE_RANDOM_THREADS on how many threads at most.
namespace millrace {
namespace {

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

int most_threads(int otherwise) {
  return static_cast<int>(setting("MILLRACE_RANDOM_THREADS", static_cast<uint64_t>(otherwise)));
}

class RandomPipelines : public ::testing::Test {
 protected:
  // On 1 to `most_threads` threads, in a way that follows from the seed. With a clock, by simulated time, in
  // which some are stopped or aborted.
  static std::vector<oracle::ItemResult> run(const CheckedPipeline& pipeline,
                                             const std::vector<std::string>& inputs, uint64_t seed,
                                             int most_threads, RunReport& report,
                                             const std::shared_ptr<VirtualClock>& clock = nullptr) {
    Resources resources;
    if (clock) resources.set<StreamClock>(clock);
    // Kept by what is posted to the clock, which may be later than the run's end.
    const auto stop = std::make_shared<CancelToken>(), abort = std::make_shared<CancelToken>();
    const Graph graph = Graph::build(pipeline, resources);
    std::vector<oracle::ItemResult> results(inputs.size());
    std::vector<Item> items;
    for (const std::string& input : inputs) items.push_back(text_item(input));
    for (auto& result : results) result.outputs.resize(pipeline.outputs.size());
    size_t next = 0;
    const bool in_order = seed % 3 != 0;
    const Sink sink{.packet =
                        [&](const OutputPacket& out) {
                          EXPECT_TRUE(!in_order || out.item == next);
                          results.at(out.item).outputs.at(out.output).push_back(*out.packet.get<int64_t>());
                        },
                    .finished =
                        [&](const FinishedItem& item) {
                          EXPECT_TRUE(!in_order || item.item == next);
                          ++next;
                          if (item.error) results.at(item.item).error = item.error->what();
                        }};
    const ItemSource source = [&, given = items_of(std::move(items)), first = true]() mutable {
      const double moment = static_cast<double>(seed % 97) / 100;
      if (clock && std::exchange(first, false)) {
        if (seed % 3 == 1) clock->post(moment, [stop] { stop->cancel(); });
        if (seed % 8 == 1) clock->post(moment + 0.1, [abort] { abort->cancel(); });
      }
      return given();
    };
    oneapi::tbb::task_arena arena(1 + static_cast<int>(seed % static_cast<uint64_t>(most_threads)));
    arena.execute([&] {
      report = graph.run(source, sink,
                         {.items_in_flight = seed % 5,
                          .in_order = in_order,
                          .fair = seed % 2 == 0,
                          .live_source = clock && seed % 4 == 0,
                          .stop = stop.get(),
                          .abort = abort.get()});
    });
    EXPECT_TRUE(next == inputs.size() || stop->cancelled() || abort->cancelled());
    for (const EdgeReport& edge : report.edges)
      EXPECT_EQ(edge.captured, edge.processed + edge.dropped) << edge.name;
    return results;
  }

  static std::vector<std::string> inputs(uint64_t seed) {
    std::vector<std::string> inputs;
    for (uint64_t i = 0; i < 1 + seed % 7; ++i)
      inputs.push_back(std::to_string(number::mix(seed, i) % 1'000'000));
    return inputs;
  }

  static CheckedPipeline check(const std::string& yaml) {
    static const Registry registry = number::registry();
    return check_pipeline(std::make_shared<const SourceText>(SourceText{"random.yaml", yaml}), registry, {});
  }

  static void compare(RandomPipeline::Options options, uint64_t count, int usual_threads = 4) {
    const int threads = most_threads(usual_threads);
    const oneapi::tbb::global_control limit(oneapi::tbb::global_control::max_allowed_parallelism,
                                            static_cast<size_t>(threads));
    const uint64_t first = setting("MILLRACE_RANDOM_SEED", 1);
    for (uint64_t seed = first; seed < first + setting("MILLRACE_RANDOM_PIPELINES", count); ++seed) {
      const std::string yaml = RandomPipeline(seed, options).yaml();
      SCOPED_TRACE(fmt::format("seed {}\n{}", seed, yaml));
      const CheckedPipeline pipeline = check(yaml);
      RunReport report;
      const auto results = run(pipeline, inputs(seed), seed, threads, report);
      if (!options.lossy) {
        Resources resources;
        oracle::Interpreter interpreter(pipeline, resources);
        for (size_t i = 0; i < results.size(); ++i) {
          const auto expected = interpreter.run({Packet::of(inputs(seed)[i])});
          EXPECT_EQ(results[i].outputs, expected.outputs) << "item " << i;
          EXPECT_EQ(results[i].error, expected.error) << "item " << i;
        }
        for (const EdgeReport& edge : report.edges)
          EXPECT_TRUE(options.failing || edge.dropped == 0) << edge.name;
      }
      if (HasFailure()) return;
    }
  }
};

TEST_F(RandomPipelines, GiveWhatTheOracleGives) { compare({}, 300); }
TEST_F(RandomPipelines, FailWhereTheOracleFails) { compare({.failing = true}, 300); }
TEST_F(RandomPipelines, CountWhatTheyLose) { compare({.lossy = true, .failing = true}, 200); }
TEST_F(RandomPipelines, MoveOnThroughEdgesOfOnePacketOnManyThreads) {
  compare({.failing = true, .tight = true}, 100, 16);
}

TEST_F(RandomPipelines, GiveTheSameForAnyNumberOfThreads) {
  const oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism, 4);
  for (uint64_t seed = 1; seed < 40; ++seed) {
    const CheckedPipeline pipeline = check(RandomPipeline(seed, {.failing = true}).yaml());
    RunReport report;
    const auto once = run(pipeline, inputs(seed), 0, 4, report);   // one thread
    const auto again = run(pipeline, inputs(seed), 3, 4, report);  // four
    ASSERT_EQ(once.size(), again.size());
    for (size_t i = 0; i < once.size(); ++i) {
      EXPECT_EQ(once[i].outputs, again[i].outputs) << "seed " << seed;
      EXPECT_EQ(once[i].error, again[i].error) << "seed " << seed;
    }
  }
}

// Whatever they lose, and whenever they are stopped.
TEST_F(RandomPipelines, InSimulatedTimeGoTheSameWayEveryTime) {
  const uint64_t first = setting("MILLRACE_RANDOM_SEED", 1);
  for (uint64_t seed = first; seed < first + setting("MILLRACE_RANDOM_PIPELINES", 200); ++seed) {
    const std::string yaml =
        RandomPipeline(seed, {.lossy = true, .failing = seed % 2 == 0, .tight = seed % 5 == 0}).yaml();
    SCOPED_TRACE(fmt::format("seed {}\n{}", seed, yaml));
    const CheckedPipeline pipeline = check(yaml);
    RunReport report, again;
    const auto clock = std::make_shared<VirtualClock>(), other = std::make_shared<VirtualClock>();
    const auto results = run(pipeline, inputs(seed), seed, 1, report, clock);
    const auto same = run(pipeline, inputs(seed), seed, 4, again, other);
    for (size_t i = 0; i < results.size(); ++i) {
      EXPECT_EQ(results[i].outputs, same[i].outputs) << "item " << i;
      EXPECT_EQ(results[i].error, same[i].error) << "item " << i;
    }
    for (size_t e = 0; e < report.edges.size(); ++e) {
      EXPECT_EQ(report.edges[e].captured, again.edges[e].captured) << report.edges[e].name;
      EXPECT_EQ(report.edges[e].dropped, again.edges[e].dropped) << report.edges[e].name;
      EXPECT_EQ(report.edges[e].deepest, again.edges[e].deepest) << report.edges[e].name;
    }
    if (HasFailure()) return;
  }
}

TEST_F(RandomPipelines, InSimulatedTimeGiveWhatTheOracleGives) {
  for (uint64_t seed = 3; seed < 600; seed += 6) {  // those that nobody stops
    const CheckedPipeline pipeline = check(RandomPipeline(seed, {.failing = true}).yaml());
    if (seed % 8 == 1) continue;
    RunReport report;
    const auto results = run(pipeline, inputs(seed), seed, 4, report, std::make_shared<VirtualClock>());
    Resources resources;
    oracle::Interpreter interpreter(pipeline, resources);
    for (size_t i = 0; i < results.size(); ++i) {
      const auto expected = interpreter.run({Packet::of(inputs(seed)[i])});
      EXPECT_EQ(results[i].outputs, expected.outputs) << "seed " << seed;
      EXPECT_EQ(results[i].error, expected.error) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace millrace
