#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <cmath>
#include <functional>

#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "tests/graph/live_nodes.h"

// Live pipelines in simulated time: what arrives when, what is lost and what is counted, to the packet.
namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Live : public ::testing::Test {
 protected:
  Live() {
    resources_.set<StreamClock>(clock_);
    resources_.set<StopToken>(stop_);
    resources_.set<CancelToken>(abort_);
  }

  RunOptions options() const {
    return {.in_order = false, .fair = true, .live_source = true, .stop = stop_.get(), .abort = abort_.get()};
  }

  // What came out, as "ITEM: WHAT@TIME".
  std::vector<std::string> run(const std::string& yaml, const std::vector<std::string>& inputs,
                               RunOptions options,
                               const std::function<void(const OutputPacket&)>& sink = {}) {
    static const Registry registry = live::registry();
    const Graph graph = Graph::build(
        check_pipeline(std::make_shared<const SourceText>(SourceText{"live.yaml", yaml}), registry, {}),
        resources_);
    std::vector<Item> items;
    for (const std::string& input : inputs) items.push_back(text_item(input));
    std::vector<std::string> told;
    const ItemSource source = [&, given = items_of(std::move(items))] {
      if (at_begin_) std::exchange(at_begin_, nullptr)();
      return given();
    };
    report_ = graph.run(
        source,
        {.packet =
             [&](const OutputPacket& out) {
               told.push_back(fmt::format("{}: {}@{:.2f}", out.item, show(out.packet), clock_->now()));
               if (sink) sink(out);
             },
         .finished =
             [&](const FinishedItem& item) {
               told.push_back(fmt::format("{} {}{}@{:.2f}", item.item, item.cut_short ? "cut short" : "done",
                                          item.error ? std::string(" ") + item.error->what() : "",
                                          clock_->now()));
             }},
        options);
    for (const EdgeReport& edge : report_.edges)
      EXPECT_EQ(edge.captured, edge.processed + edge.dropped) << edge.name;
    return told;
  }
  std::vector<std::string> run(const std::string& yaml, const std::vector<std::string>& inputs = {"a"}) {
    return run(yaml, inputs, options());
  }

  static std::string show(const Packet& packet) {
    return packet.type() == &kPacketType<live::Tick> ? std::to_string(packet.get<live::Tick>()->number)
                                                     : *packet.get<std::string>();
  }
  const EdgeReport& edge(const std::string& name) const {
    for (const EdgeReport& edge : report_.edges)
      if (edge.name == name) return edge;
    throw std::out_of_range(name);
  }

  std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>();
  std::shared_ptr<StopToken> stop_ = std::make_shared<StopToken>();
  std::shared_ptr<CancelToken> abort_ = std::make_shared<CancelToken>();
  std::function<void()> at_begin_;  // called when the run has begun
  Resources resources_;
  RunReport report_;
};

// Ten a second, and who takes 0.37 s for each.
std::string too_slow(const std::string& policy) {
  return fmt::format(R"(
name: slow
nodes:
  source: {{type: live.source, inputs: {{source: $input}}, count: 20}}
  work: {{type: live.work, inputs: {{tick: source.tick}}, seconds: 0.37, queue: 1, policy: {}}}
outputs:
  tick: work.tick
)",
                     policy);
}
constexpr const char* kToWork = "source.tick → work.tick";

TEST_F(Live, DropOldestKeepsTheNewest) {
  EXPECT_THAT(run(too_slow("drop_oldest")),
              ElementsAre("0: 0@0.47", "0: 3@0.84", "0: 7@1.21", "0: 11@1.58", "0: 14@1.95", "0: 18@2.32",
                          "0: 19@2.69", "0 done@2.69"));
  EXPECT_EQ(edge(kToWork).captured, 20);
  EXPECT_EQ(edge(kToWork).dropped, 13);
  EXPECT_EQ(describe_losses(report_), "source.tick → work.tick: 20 captured, 7 processed, 13 dropped\n");
}

TEST_F(Live, DropNewestKeepsTheOldest) {
  EXPECT_THAT(run(too_slow("drop_newest")),
              ElementsAre("0: 0@0.47", "0: 1@0.84", "0: 4@1.21", "0: 8@1.58", "0: 12@1.95", "0: 15@2.32",
                          "0: 19@2.69", "0 done@2.69"));
  EXPECT_EQ(edge(kToWork).dropped, 13);
}

TEST_F(Live, BlockHoldsTheSourceAndLosesNothing) {
  const auto told = run(too_slow("block"));
  ASSERT_EQ(told.size(), 21u);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(told[static_cast<size_t>(i)], fmt::format("0: {}@{:.2f}", i, 0.1 + 0.37 * (i + 1)));
  EXPECT_EQ(edge(kToWork).processed, 20);
  EXPECT_EQ(describe_losses(report_), "");
}

TEST_F(Live, FailEndsTheStreamBehindWhatItHeld) {
  EXPECT_THAT(run(too_slow("fail")),
              ElementsAre("0: 0@0.47", "0: 1@0.84",
                          HasSubstr("0 done source.tick → work.tick: packets came faster")));
}

TEST_F(Live, TheNumberOfThreadsChangesNothing) {
  const auto once = run(too_slow("drop_oldest"), {"a", "b", "c"});
  for (const int threads : {1, 2}) {
    clock_ = std::make_shared<VirtualClock>();
    resources_.set<StreamClock>(clock_);
    oneapi::tbb::task_arena arena(threads);
    arena.execute([&] { EXPECT_EQ(run(too_slow("drop_oldest"), {"a", "b", "c"}), once); });
  }
}

TEST_F(Live, StreamsTakeTurnsAtANodeIfFair) {
  const auto fair = run(too_slow("drop_oldest"), {"a", "b"});
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(fair[i].substr(0, 2), i % 2 == 0 ? "0:" : "1:") << fair[i];
  EXPECT_EQ(edge(kToWork).captured, 40);
  RunOptions unfair = options();
  unfair.fair = false;
  const auto oldest = run(too_slow("drop_oldest"), {"a", "b"}, unfair);
  for (size_t i = 0; i < 6; ++i) EXPECT_EQ(oldest[i].substr(0, 2), "0:") << oldest[i];
}

TEST_F(Live, ASinkThatStallsLosesWhatDoesNotFitAndNothingElse) {
  const auto told = run(R"(
name: stalled
nodes:
  source: {type: live.source, inputs: {source: $input}, count: 100}
  work: {type: live.work, inputs: {tick: source.tick}, queue: 4, policy: drop_oldest}
outputs:
  tick: work.tick
)",
                        {"a"}, options(), [&](const OutputPacket& out) {
                          if (out.packet.get<live::Tick>()->number == 3) clock_->wait_until(5.45, nullptr);
                        });
  // From 0.4 to 5.45: 16 wait for the sink and one for room there; of the 33 after them, the last four are
  // kept.
  ASSERT_EQ(told.size(), 100u - 29u + 1u);
  EXPECT_EQ(told[3], "0: 3@0.40");
  EXPECT_EQ(told[4], "0: 4@5.45");
  EXPECT_EQ(told[20], "0: 20@5.45");
  EXPECT_EQ(told[21], "0: 50@5.45");
  EXPECT_EQ(told[25], "0: 54@5.50");
  EXPECT_EQ(edge(kToWork).dropped, 29);
}

TEST_F(Live, StatisticsTellCallsAgesAndLosses) {
  RunStats stats;
  RunOptions told = options();
  told.stats = [&](const RunStats& now) { stats = now; };
  run(too_slow("drop_oldest"), {"a"}, told);
  EXPECT_TRUE(stats.over);
  EXPECT_NEAR(stats.seconds, 2.69, 1e-9);
  ASSERT_EQ(stats.stages.size(), 3u);
  const StageStats& source = stats.stages[0];
  EXPECT_EQ(source.name, "source");
  EXPECT_EQ(source.calls, 21);
  EXPECT_EQ(source.timed, 0) << "works on nothing that was captured before";
  EXPECT_NEAR(source.busy, 2.0, 1e-9);
  const StageStats& work = stats.stages[1];
  EXPECT_EQ(work.calls, 7);
  EXPECT_EQ(work.dropped, 13);
  EXPECT_EQ(work.deepest, 1u);
  EXPECT_EQ(work.capacity, 1u);
  EXPECT_NEAR(work.busy, 7 * 0.37, 1e-9);
  EXPECT_NEAR(work.latency, 0.37 + 0.44 + 0.41 + 0.38 + 0.45 + 0.42 + 0.69, 1e-9);
  EXPECT_NEAR(work.longest, 0.69, 1e-9);
  const StageStats& output = stats.stages[2];
  EXPECT_EQ(output.name, "→ tick");
  EXPECT_TRUE(output.output);
  EXPECT_EQ(output.calls, 7);
  EXPECT_NEAR(output.latency, work.latency, 1e-9);
}

constexpr const char* kGathered = R"(
name: gathered
nodes:
  source: {type: live.source, inputs: {source: $input}}
  work: {type: live.work, inputs: {tick: source.tick}, seconds: 0.01}
  lines: {type: live.gather, inputs: {tick: work.tick}, ticks: 4}
  letters: {type: live.spell, inputs: {line: lines.line}}
outputs:
  line: lines.line
  letter: letters.letter
)";

TEST_F(Live, StoppingFlushesWhatIsOnItsWay) {
  at_begin_ = [&] { clock_->post(1.005, [&] { stop_->cancel(); }); };
  EXPECT_THAT(
      run(kGathered),
      ElementsAre("0: 0 1 2 3@0.41", "0: 0@0.41", "0:  @0.41", "0: 1@0.41", "0:  @0.41", "0: 2@0.41",
                  "0:  @0.41", "0: 3@0.41", "0: 4 5 6 7@0.81", "0: 4@0.81", "0:  @0.81", "0: 5@0.81",
                  "0:  @0.81", "0: 6@0.81", "0:  @0.81", "0: 7@0.81", "0: 8 9@1.01", "0 cut short@1.01"));
  EXPECT_TRUE(report_.interrupted);
}

TEST_F(Live, AbortingEndsAtOnce) {
  at_begin_ = [&] { clock_->post(0.5, [&] { abort_->cancel(), stop_->cancel(); }); };
  EXPECT_THAT(run(R"(
name: endless
nodes:
  source: {type: live.source, inputs: {source: $input}}
  work: {type: live.work, inputs: {tick: source.tick}, seconds: 3600, every: 3}
outputs:
  tick: work.tick
)"),
              ElementsAre("0: 0@0.10", "0: 1@0.20", "0 cut short interrupted@0.50"));
  EXPECT_TRUE(report_.interrupted);
}

TEST_F(Live, ABatchThatDoesNotFillGoesAfterItsTime) {
  EXPECT_THAT(run(R"(
name: batched
nodes:
  source: {type: live.source, inputs: {source: $input}, count: 5}
  work: {type: live.work, inputs: {tick: source.tick}, seconds: 0.5, batch: 4, max_wait_ms: 250}
outputs:
  tick: work.tick
)"),
              ElementsAre("0: 0@1.85", "0: 1@1.85", "0: 2@1.85", "0: 3@2.85", "0: 4@2.85", "0 done@2.85"));
}

}  // namespace
}  // namespace millrace
