#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "tests/graph/live_nodes.h"

// Runs without end: what they hold does not grow, and they end when they are told to.
namespace millrace {
namespace {

Graph build(const std::string& yaml, Resources& resources, const Registry& registry) {
  return Graph::build(
      check_pipeline(std::make_shared<const SourceText>(SourceText{"endless.yaml", yaml}), registry, {}),
      resources);
}

// Bytes that the program holds. Nothing where a sanitizer allocates.
int64_t held() {
  const auto info = mallinfo2();
  return static_cast<int64_t>(info.uordblks + info.hblkhd);
}

// Packets through a map that loses some, a stateful node and a generator.
std::string everything(double period, int64_t count, double pause) {
  return fmt::format(R"(
name: everything
nodes:
  source: {{type: live.source, inputs: {{source: $input}}, period: {}, count: {}}}
  work: {{type: live.work, inputs: {{tick: source.tick}}, seconds: {}, every: 100, queue: 4, policy: drop_oldest}}
  lines: {{type: live.gather, inputs: {{tick: work.tick}}, ticks: 20}}
  letters: {{type: live.spell, inputs: {{line: lines.line}}, queue: 1, policy: drop_newest}}
outputs:
  line: lines.line
  letter: letters.letter
)",
                     period, count, pause);
}

// Runs it, and gives by how much what is held has grown since a tenth of it was over.
int64_t growth(const std::string& yaml, int64_t count, Resources& resources, RunReport& report) {
  const Graph graph = build(yaml, resources, live::registry());
  int64_t early = 0, late = 0, lines = 0;
  RunStats stats;
  RunOptions options{.live_source = true};
  options.stats = [&](const RunStats& now) { stats = now; };
  options.stats_every_seconds = 0.01;
  report = graph.run(items_of({text_item("a")}),
                     {.packet =
                          [&](const OutputPacket& out) {
                            if (out.output != 0) return;
                            if (++lines == count / 200) early = held();
                            late = held();
                          }},
                     options);
  EXPECT_GE(lines, count / 100);
  EXPECT_EQ(stats.stages.at(0).calls, count + 1);
  return late - early;
}

TEST(Endless, ADayInSimulatedTimeHoldsNoMoreThanItsFirstHours) {
  Resources resources;
  const auto clock = std::make_shared<VirtualClock>();
  resources.set<StreamClock>(clock);
  RunReport report;
  constexpr int64_t kDay = 86'400;
  EXPECT_LT(growth(everything(1, kDay, 10), kDay, resources, report), 64 << 10);
  EXPECT_GE(clock->now(), kDay);
  EXPECT_EQ(report.edges[1].captured, kDay);
  EXPECT_EQ(report.edges[1].captured, report.edges[1].processed + report.edges[1].dropped);
  EXPECT_GT(report.edges[1].dropped, kDay / 50);  // four or five of each hundred
}

TEST(Endless, NorDoManyPacketsOnManyThreads) {
  Resources resources;
  RunReport report;
  constexpr int64_t kCount = 50'000;
  EXPECT_LT(growth(everything(0, kCount, 0), kCount, resources, report), 256 << 10);
  EXPECT_EQ(report.edges[1].captured, report.edges[1].processed + report.edges[1].dropped);
}

// A device that gives three ticks and then hangs in its driver until it is let go.
struct Device {
  std::mutex mutex;
  std::condition_variable changed;
  std::atomic<bool> hangs{false}, released{false};
  void set(std::atomic<bool> Device::*what) {
    const std::lock_guard lock(mutex);
    this->*what = true;
    changed.notify_all();
  }
  bool wait(std::atomic<bool> Device::*what) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(30), [&] { return (this->*what).load(); });
  }
};

struct Hanging {
  struct Params {};
  using In = live::Source::In;
  using Out = live::Source::Out;
  struct State {
    int64_t number = 0;
  };
  static constexpr auto contract =
      make_contract({.type = "live.hanging", .help = "Hangs.", .blocking = true}, params(),
                    inputs(port<&In::source>("source", "any")), outputs(port<&Out::tick>("tick", "three")));
  Hanging(const Params&, Resources& resources) : device_(resources.find<Device>()) {}
  State begin(const In&) const { return {}; }
  bool next(State& state, Emit<Out>& emit) const {
    if (state.number == 3) {
      device_->set(&Device::hangs);
      device_->wait(&Device::released);
    }
    emit({.tick = {state.number++, 0}});
    return true;
  }

 private:
  std::shared_ptr<Device> device_;
};

constexpr const char* kHanging = R"(
name: hanging
nodes:
  source: {type: live.hanging, inputs: {source: $input}}
  lines: {type: live.gather, inputs: {tick: source.tick}, ticks: 100}
outputs:
  line: lines.line
)";

class HangingSource : public ::testing::Test {
 protected:
  HangingSource() {
    registry_.add<Hanging>();
    resources_.set(device_);
  }
  Registry registry_ = live::registry();
  Resources resources_;
  std::shared_ptr<Device> device_ = std::make_shared<Device>();
  StopToken stop_;
  CancelToken abort_;
};

TEST_F(HangingSource, DoesNotKeepWhatItGaveBeforeTheStop) {
  const Graph graph = build(kHanging, resources_, registry_);
  std::thread person([&] {
    device_->wait(&Device::hangs);
    stop_.cancel();
  });
  std::string line;
  const RunReport report = graph.run(items_of({text_item("a")}),
                                     {.packet =
                                          [&](const OutputPacket& out) {
                                            line = *out.packet.get<std::string>();
                                            EXPECT_FALSE(device_->released);
                                            device_->set(&Device::released);
                                          }},
                                     {.live_source = true, .stop = &stop_, .abort = &abort_});
  person.join();
  EXPECT_EQ(line, "0 1 2");
  EXPECT_TRUE(report.items.at(0).cut_short);
  EXPECT_FALSE(report.items.at(0).error);
}

TEST_F(HangingSource, AnAbortIsNoticedThoughNoCallEnds) {
  const Graph graph = build(kHanging, resources_, registry_);
  std::thread person([&] {
    device_->wait(&Device::hangs);
    abort_.cancel();
    std::this_thread::sleep_for(
        std::chrono::milliseconds(300));  // until a standstill is told, all is over but the call
    device_->set(&Device::released);
  });
  std::string waits;
  RunOptions options{.live_source = true, .stop = &stop_, .abort = &abort_};
  options.stalled = [&](const std::string& text) { waits = text; };
  options.stalled_after_seconds = 0.15;
  const RunReport report = graph.run(items_of({text_item("a")}), {}, options);
  person.join();
  EXPECT_EQ(waits.find("lines"), std::string::npos) << waits;
  EXPECT_EQ(report.items.at(0).error->kind(), ErrorKind::interrupted);
}

}  // namespace
}  // namespace millrace
