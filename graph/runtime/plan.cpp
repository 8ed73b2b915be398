#include "graph/runtime/plan.h"

#include <fmt/core.h>

#include <algorithm>

#include "graph/check/rates.h"

namespace millrace {
namespace {

constexpr size_t kOutputQueue = 16;  // packets of one item that wait for the sink at each output

class Planner {
 public:
  Planner(const CheckedPipeline& pipeline, Resources& resources)
      : pipeline_(pipeline), resources_(resources) {}

  Plan make() {
    plan_.name = pipeline_.name;
    plan_.clock = resources_.find<StreamClock>();
    if (!plan_.clock) plan_.clock = std::make_shared<SystemClock>();
    plan_.input_edges.resize(pipeline_.inputs.size());
    for (const CheckedNode& node : pipeline_.nodes) add_node(node);
    for (size_t n = 0; n < pipeline_.nodes.size(); ++n) add_edges(static_cast<int>(n));
    for (const CheckedOutput& output : pipeline_.outputs) {
      plan_.output_edges.push_back(
          add_edge({.from = output.from,
                    .to_node = -1,
                    .to_port = static_cast<int>(plan_.outputs.size()),
                    .capacity = kOutputQueue,
                    .policy = QueuePolicy::block,
                    .name = fmt::format("{} → {}", name_of(output.from), output.name)}));
      plan_.outputs.push_back(output.name);
    }
    return std::move(plan_);
  }

 private:
  void add_node(const CheckedNode& node) {
    PlannedNode planned;
    planned.name = node.name;
    planned.type = node.type->type;
    planned.form = node.type->form;
    planned.blocking = node.type->blocking;
    planned.takes_batches = node.type->takes_batches;
    planned.properties = node.properties;
    for (const PortInfo& port : node.type->inputs) planned.input_names.push_back(port.name);
    for (const PortInfo& port : node.type->outputs)
      planned.optional_out.push_back(port.role == PortRole::optional);
    planned.out_edges.resize(node.type->outputs.size());
    planned.in_edges.assign(node.type->inputs.size(), -1);
    planned.joining.assign(node.type->inputs.size(), Joining::unwired);
    plan_.largest_batch = std::max(plan_.largest_batch, static_cast<size_t>(node.properties.batch));
    try {
      planned.instance = node.type->make(node.settings, resources_);
    } catch (const Error& error) {
      throw error.at(fmt::format("node '{}'", node.name));
    }
    plan_.nodes.push_back(std::move(planned));
  }

  int rate_of(PortSource source) const {
    if (!source.from_node()) return kItemRate;
    return pipeline_.nodes[static_cast<size_t>(source.node)].rates[static_cast<size_t>(source.port)];
  }

  std::string name_of(PortSource source) const {
    const auto port = static_cast<size_t>(source.port);
    if (source.from_node()) {
      const CheckedNode& node = pipeline_.nodes[static_cast<size_t>(source.node)];
      return node.name + "." + node.type->outputs[port].name;
    }
    const std::string& name = pipeline_.inputs[port].name;
    return name.empty() ? "$input" : "$input." + name;
  }

  void add_edges(int index) {
    const CheckedNode& node = pipeline_.nodes[static_cast<size_t>(index)];
    PlannedNode& planned = plan_.nodes[static_cast<size_t>(index)];
    int rate = kItemRate;
    for (size_t i = 0; i < node.inputs.size(); ++i)
      if (node.type->inputs[i].role != PortRole::feedback) rate = std::max(rate, rate_of(node.inputs[i]));
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i].node == PortSource::kUnwired) continue;
      const bool feedback = node.type->inputs[i].role == PortRole::feedback;
      if (feedback) planned.feedback_port = static_cast<int>(i);
      planned.joining[i] = feedback                          ? Joining::feedback
                           : rate_of(node.inputs[i]) == rate ? Joining::in_step
                                                             : Joining::latched;
      const NodeProperties& properties = node.properties;
      planned.in_edges[i] = add_edge(
          {.from = node.inputs[i],
           .to_node = index,
           .to_port = static_cast<int>(i),
           .capacity = static_cast<size_t>(std::max(properties.queue, properties.batch)),
           .policy = feedback ? QueuePolicy::block : properties.policy,
           .name = fmt::format("{} → {}.{}", name_of(node.inputs[i]), node.name, node.type->inputs[i].name)});
    }
  }

  int add_edge(PlannedEdge edge) {
    const int index = static_cast<int>(plan_.edges.size());
    const auto port = static_cast<size_t>(edge.from.port);
    if (edge.from.from_node())
      plan_.nodes[static_cast<size_t>(edge.from.node)].out_edges[port].push_back(index);
    else
      plan_.input_edges[port].push_back(index);
    plan_.edges.push_back(std::move(edge));
    return index;
  }

  const CheckedPipeline& pipeline_;
  Resources& resources_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const CheckedPipeline& pipeline, Resources& resources) {
  return Planner(pipeline, resources).make();
}

}  // namespace millrace
