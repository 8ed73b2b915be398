#include "graph/runtime/item_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace millrace {

ItemRun::ItemRun(const Plan& plan, size_t index, Item item, std::vector<EdgeCount>& counts)
    : plan_(plan),
      index_(index),
      name_(std::make_shared<const std::string>(std::move(item.name))),
      output_done_(plan.outputs.size()),
      output_failure_(plan.outputs.size()) {
  queues_.reserve(plan.edges.size());
  for (size_t e = 0; e < plan.edges.size(); ++e) queues_.emplace_back(plan.edges[e], counts[e]);
  for (size_t n = 0; n < plan.nodes.size(); ++n)
    streams_.emplace_back(plan, static_cast<int>(n), index, queues_);
  for (size_t i = 0; i < plan.input_edges.size(); ++i)
    for (const int edge : plan.input_edges[i]) {
      queues_[static_cast<size_t>(edge)].push(0, item.inputs.at(i));
      queues_[static_cast<size_t>(edge)].end();
    }
}

void ItemRun::collect(std::vector<Delivery::Event>& events, std::vector<int>& freed) {
  for (size_t o = 0; o < plan_.outputs.size(); ++o) {
    const auto edge = static_cast<size_t>(plan_.output_edges[o]);
    EdgeQueue& queue = queues_[edge];
    bool popped = false;
    while (!queue.empty()) {
      Token token = queue.pop();
      popped = true;
      if (token.failure) {
        output_failure_[o] = std::move(token.failure);
        continue;
      }
      if (const double seconds = token.packet.seconds(); seconds == seconds) seconds_ = seconds;
      events.push_back({{.item = index_,
                         .item_name = *name_,
                         .output = o,
                         .output_name = plan_.outputs[o],
                         .packet = std::move(token.packet)},
                        {},
                        name_});
    }
    if (popped && plan_.edges[edge].from.from_node()) freed.push_back(plan_.edges[edge].from.node);
    if (queue.ended()) output_done_[o] = true;
  }
}

bool ItemRun::finished() const {
  return std::all_of(output_done_.begin(), output_done_.end(), [](bool done) { return done; }) &&
         std::all_of(streams_.begin(), streams_.end(),
                     [](const Stream& s) { return s.ended() && s.running() == 0; });
}

FinishedItem ItemRun::result() const {
  FinishedItem result{.item = index_, .name = *name_, .error = {}, .cut_short = false};
  for (const Stream& stream : streams_) result.cut_short |= stream.cut_short();
  for (const Failure& failure : output_failure_)
    if (failure && !result.error) result.error = *failure;
  for (size_t n = 0; n < streams_.size(); ++n)
    if (plan_.nodes[n].out_edges.empty() && streams_[n].failure() && !result.error)
      result.error = *streams_[n].failure();
  if (interrupted_ && !result.error) result.error = Error(ErrorKind::interrupted, "interrupted");
  return result;
}

void ItemRun::interrupt() {
  interrupted_ = true;
  for (Stream& stream : streams_) stream.cut_off();
}

std::string ItemRun::describe_waits() const {
  std::string text;
  for (size_t n = 0; n < streams_.size(); ++n)
    if (!streams_[n].ended())
      text += fmt::format("  item '{}': node '{}' {}\n", *name_, plan_.nodes[n].name,
                          streams_[n].describe_wait());
  for (size_t o = 0; o < plan_.outputs.size(); ++o) {
    const size_t waiting = queues_[static_cast<size_t>(plan_.output_edges[o])].packets();
    if (waiting > 0)
      text += fmt::format("  item '{}': output '{}' holds {} packets for the sink\n", *name_,
                          plan_.outputs[o], waiting);
  }
  return text;
}

}  // namespace millrace
