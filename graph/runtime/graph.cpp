#include "graph/runtime/graph.h"

#include <utility>

#include "graph/runtime/executor.h"
#include "graph/runtime/plan.h"
#include "graph/runtime/scheduler.h"
#include "graph/runtime/simulation.h"

namespace millrace {

Graph::Graph(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
Graph::Graph(Graph&&) noexcept = default;
Graph::~Graph() = default;

Graph Graph::build(const CheckedPipeline& pipeline, Resources& resources) {
  return Graph(std::make_unique<const Plan>(make_plan(pipeline, resources)));
}

RunReport Graph::run(const ItemSource& source, const Sink& sink, const RunOptions& options) const {
  Scheduler scheduler(*plan_, options);
  if (const auto clock = std::dynamic_pointer_cast<VirtualClock>(plan_->clock))
    simulate(*plan_, scheduler, source, sink, options, *clock);
  else
    Executor(*plan_, scheduler, source, sink, options).run();
  return scheduler.take_report();
}

const std::vector<std::string>& Graph::outputs() const { return plan_->outputs; }

std::string describe_losses(const RunReport& report) {
  std::string text;
  for (const EdgeReport& edge : report.edges)
    if (edge.lossy || edge.dropped > 0)
      text += fmt::format("{}: {} captured, {} processed, {} dropped\n", edge.name, edge.captured,
                          edge.processed, edge.dropped);
  return text;
}

ItemSource items_of(std::vector<Item> items) {
  return [items = std::make_shared<std::vector<Item>>(std::move(items)),
          next = size_t{0}]() mutable -> std::optional<Item> {
    if (next == items->size()) return std::nullopt;
    return std::move((*items)[next++]);
  };
}

}  // namespace millrace
