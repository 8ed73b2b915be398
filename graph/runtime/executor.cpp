#include "graph/runtime/executor.h"

#include <oneapi/tbb/flow_graph.h>

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "graph/runtime/alarm_clock.h"
#include "graph/runtime/blocking_lane.h"
#include "graph/runtime/run_steps.h"
#include "graph/runtime/scheduler.h"

namespace millrace {
namespace flow = oneapi::tbb::flow;
namespace {

using Clock = AlarmClock::Clock;
constexpr auto kLookForCancel = std::chrono::milliseconds(50);

Clock::duration seconds(double count) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(count));
}

}  // namespace

struct Executor::Impl {
  using StepPtr = std::shared_ptr<RunSteps::Step>;
  using ErrandNode = flow::async_node<StepPtr, StepPtr>;  // for steps that may block; reported in the arena
  using ComputeNode = flow::function_node<RunSteps::Step>;

  Impl(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
       const RunOptions& options)
      : plan(plan),
        scheduler(scheduler),
        options(options),
        steps(plan, scheduler, source, sink, options),
        clock([this] { ring(); }),
        stats_clock([this] { tell_stats(); }),
        back(graph, flow::unlimited, [this](const StepPtr& step) noexcept { start(step->report()); }) {
    for (size_t n = 0; n < plan.nodes.size(); ++n) add_node(n);
    source_node = &add_errands(1);
    sink_node = &add_errands(1);
  }

  ~Impl() {
    clock.stop();
    lanes.clear();  // their threads are done with the nodes' gateways then
  }

  void add_node(size_t n) {
    const PlannedNode& node = plan.nodes[n];
    if (node.blocking) {
      errands.push_back(&add_errands(static_cast<size_t>(node.properties.concurrency)));
      compute.push_back(nullptr);
      return;
    }
    errands.push_back(nullptr);
    // The scheduler counts concurrency; later nodes first, so that what is nearly done makes room.
    compute.push_back(std::make_unique<ComputeNode>(
        graph, flow::unlimited,
        [this](const RunSteps::Step& step) noexcept {
          step.perform();
          start(step.report());
        },
        static_cast<flow::node_priority_t>(n + 1)));
  }

  ErrandNode& add_errands(size_t threads) {
    BlockingLane& lane = lanes.emplace_back(threads);
    ErrandNode& node = errand_nodes.emplace_back(
        graph, flow::unlimited, [&lane](const StepPtr& step, ErrandNode::gateway_type& gateway) {
          gateway.reserve_wait();
          lane.post([step, &gateway] {
            step->perform();
            gateway.try_put(step);
            gateway.release_wait();
          });
        });
    flow::make_edge(node, back);
    return node;
  }

  // Starts what is to be started. Only running out of memory for a few words could go wrong here.
  void start(Launch launch) noexcept {
    steps.trace_depths(launch);
    for (const CallPtr& call : launch.calls) {
      const auto node = static_cast<size_t>(call->node);
      if (compute[node])
        compute[node]->try_put(steps.call(call));
      else
        send(*errands[node], steps.call(call));
    }
    if (launch.pull) send(*source_node, steps.pull());
    if (launch.delivery) send(*sink_node, steps.deliver(launch.delivery));
    if (launch.wake) clock.set(Clock::now() + seconds(*launch.wake - plan.clock->now()));
    if (launch.over) graph.release_wait();
  }

  void send(ErrandNode& node, RunSteps::Step step) {
    node.try_put(std::make_shared<RunSteps::Step>(std::move(step)));
  }

  void ring() {
    if (options.stalled) look_for_stall();
    if (options.stop || options.abort) clock.set(Clock::now() + kLookForCancel);
    // The graph cannot end while this puts something into it: `over` has not been said or its wait is
    // reserved here.
    graph.reserve_wait();
    start(scheduler.woken());
    graph.release_wait();
  }

  void look_for_stall() {
    const auto now = Clock::now();
    const int64_t moves = scheduler.moves();
    const auto patience = seconds(options.stalled_after_seconds);
    if (moves != seen_moves) {
      seen_moves = moves;
      seen_at = now;
      told = false;
    } else if (!told && now - seen_at >= patience) {
      told = true;
      options.stalled(scheduler.describe_waits());
    }
    clock.set(now + std::max<Clock::duration>(patience / 4, std::chrono::milliseconds(10)));
  }

  void tell_stats() {
    steps.tell_stats(false);
    stats_clock.set(Clock::now() + seconds(options.stats_every_seconds));
  }

  void run() {
    graph.reserve_wait();
    start(scheduler.start());
    seen_at = Clock::now();
    if (options.stalled || options.stop || options.abort) clock.set(seen_at);
    if (options.stats) stats_clock.set(seen_at + seconds(options.stats_every_seconds));
    graph.wait_for_all();
    clock.stop();
    graph.wait_for_all();  // for what a last ring may have put in
    stats_clock.stop();
    steps.tell_stats(true);
  }

  const Plan& plan;
  Scheduler& scheduler;
  const RunOptions& options;
  RunSteps steps;

  int64_t seen_moves = -1;  // only the clock's thread looks at it and what follows
  Clock::time_point seen_at;
  bool told = false;

  flow::graph graph;
  std::deque<BlockingLane> lanes;
  AlarmClock clock, stats_clock;
  flow::function_node<StepPtr> back;
  std::deque<ErrandNode> errand_nodes;
  std::vector<std::unique_ptr<ComputeNode>> compute;  // by node; null for a blocking one
  std::vector<ErrandNode*> errands;                   // by node; null for a computing one
  ErrandNode* source_node = nullptr;
  ErrandNode* sink_node = nullptr;
};

Executor::Executor(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
                   const RunOptions& options)
    : impl_(std::make_unique<Impl>(plan, scheduler, source, sink, options)) {}

Executor::~Executor() = default;

void Executor::run() { impl_->run(); }

}  // namespace millrace
