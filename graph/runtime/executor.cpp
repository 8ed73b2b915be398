#include "graph/runtime/executor.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/task_arena.h>

#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "graph/runtime/alarm_clock.h"
#include "graph/runtime/blocking_lane.h"
#include "graph/runtime/scheduler.h"
#include "graph/trace.h"

namespace millrace {
namespace flow = oneapi::tbb::flow;

struct Executor::Impl {
  // Work that may block, and what the scheduler is told afterwards, back in the arena.
  struct Errand {
    std::function<void()> work;
    std::function<Launch()> then;
  };
  using ErrandPtr = std::shared_ptr<Errand>;
  using ErrandNode = flow::async_node<ErrandPtr, ErrandPtr>;
  using ComputeNode = flow::function_node<CallPtr>;

  Impl(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
       const RunOptions& options)
      : plan(plan),
        scheduler(scheduler),
        source(source),
        sink(sink),
        options(options),
        clock([this] { ring(); }),
        back(graph, flow::unlimited, [this](const ErrandPtr& errand) noexcept { start(errand->then()); }) {
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
        [this](const CallPtr& call) noexcept {
          call_node(*call);
          start(scheduler.finished(*call));
        },
        static_cast<flow::node_priority_t>(n + 1)));
  }

  ErrandNode& add_errands(size_t threads) {
    BlockingLane& lane = lanes.emplace_back(threads);
    ErrandNode& node = errand_nodes.emplace_back(
        graph, flow::unlimited, [&lane](const ErrandPtr& errand, ErrandNode::gateway_type& gateway) {
          gateway.reserve_wait();
          lane.post([errand, &gateway] {
            errand->work();
            gateway.try_put(errand);
            gateway.release_wait();
          });
        });
    flow::make_edge(node, back);
    return node;
  }

  // Waits inside the node's own parallel loops must not pick up other nodes' calls: they could take long, or
  // need what this one holds.
  void call_node(Call& call) {
    const PlannedNode& node = plan.nodes[static_cast<size_t>(call.node)];
    const auto begin = Clock::now();
    oneapi::tbb::this_task_arena::isolate([&] { perform(node, call); });
    if (!options.trace) return;
    TraceWriter::Slice slice{.node = node.name,
                             .type = node.type,
                             .begin = begin,
                             .end = Clock::now(),
                             .parts = {},
                             .failed = false};
    for (const CallPart& part : call.parts) {
      slice.parts.emplace_back(part.item, part.slot->sequence);
      slice.failed |= part.slot->failure != nullptr;
    }
    options.trace->slice(slice);
  }

  // Starts what is to be started. Only running out of memory for a few words could go wrong here.
  void start(Launch launch) noexcept {
    for (const auto& [edge, depth] : launch.depths)
      options.trace->counter(plan.edges[static_cast<size_t>(edge)].name, depth);
    for (const CallPtr& call : launch.calls) {
      const auto node = static_cast<size_t>(call->node);
      if (compute[node]) {
        compute[node]->try_put(call);
      } else {
        auto errand = std::make_shared<Errand>();
        errand->work = [this, call] { call_node(*call); };
        errand->then = [this, call] { return scheduler.finished(*call); };
        errands[node]->try_put(errand);
      }
    }
    if (launch.pull) source_node->try_put(pull());
    if (launch.delivery) sink_node->try_put(deliver(launch.delivery));
    if (launch.wake) clock.set(*launch.wake);
    if (launch.over) graph.release_wait();
  }

  ErrandPtr pull() {
    struct Pulled {
      std::optional<Item> item;
      std::exception_ptr error;
    };
    const auto pulled = std::make_shared<Pulled>();
    auto errand = std::make_shared<Errand>();
    errand->work = [this, pulled] {
      try {
        pulled->item = source();
        if (pulled->item && pulled->item->inputs.size() != plan.input_edges.size())
          fail(ErrorKind::internal, "the item '{}' has {} inputs, but the pipeline '{}' was checked for {}",
               pulled->item->name, pulled->item->inputs.size(), plan.name, plan.input_edges.size());
      } catch (...) {
        pulled->error = std::current_exception();
      }
    };
    errand->then = [this, pulled] {
      return pulled->error ? scheduler.fail(pulled->error) : scheduler.pulled(std::move(pulled->item));
    };
    return errand;
  }

  ErrandPtr deliver(const std::shared_ptr<const Delivery>& delivery) {
    const auto error = std::make_shared<std::exception_ptr>();
    auto errand = std::make_shared<Errand>();
    errand->work = [this, delivery, error] {
      try {
        tell_sink(*delivery);
      } catch (...) {
        *error = std::current_exception();
        sink_failed = true;
      }
    };
    errand->then = [this, error] { return *error ? scheduler.fail(*error) : scheduler.delivered(); };
    return errand;
  }

  void tell_sink(const Delivery& delivery) {
    if (sink_failed) return;  // nothing after the first exception
    for (const Delivery::Event& event : delivery.events) {
      if (!event.finished) {
        if (sink.packet) sink.packet(event.packet);
        continue;
      }
      if (options.trace)
        options.trace->item_finished(event.finished->item, event.finished->name,
                                     event.finished->error.has_value());
      if (sink.finished) sink.finished(*event.finished);
    }
    if (delivery.progress && options.progress) options.progress(*delivery.progress);
  }

  void ring() {
    if (options.stalled) look_for_stall();
    // The graph cannot end while this puts something into it: `over` has not been said or its wait is
    // reserved here.
    graph.reserve_wait();
    start(scheduler.woken());
    graph.release_wait();
  }

  void look_for_stall() {
    const auto now = Clock::now();
    const int64_t moves = scheduler.moves();
    const auto patience = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options.stalled_after_seconds));
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

  void run() {
    graph.reserve_wait();
    start(scheduler.start());
    if (options.stalled) {
      seen_at = Clock::now();
      clock.set(seen_at);
    }
    graph.wait_for_all();
    clock.stop();
    graph.wait_for_all();  // for what a last ring may have put in
  }

  const Plan& plan;
  Scheduler& scheduler;
  const ItemSource& source;
  const Sink& sink;
  const RunOptions& options;

  bool sink_failed = false;  // only the sink's thread looks at it
  int64_t seen_moves = -1;   // only the clock's thread looks at it and what follows
  Clock::time_point seen_at;
  bool told = false;

  flow::graph graph;
  std::deque<BlockingLane> lanes;
  AlarmClock clock;
  flow::function_node<ErrandPtr> back;
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
