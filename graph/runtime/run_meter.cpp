#include "graph/runtime/run_meter.h"

#include <algorithm>

#include "graph/runtime/scheduler.h"

namespace millrace {

RunMeter::RunMeter(const Plan& plan)
    : clock_(*plan.clock),
      began_at_(clock_.now()),
      stages_(plan.nodes.size() + plan.outputs.size()),
      nodes_(plan.nodes.size()) {
  for (size_t n = 0; n < nodes_; ++n) stages_[n].stats.name = plan.nodes[n].name;
  for (size_t o = 0; o < plan.outputs.size(); ++o) {
    stages_[nodes_ + o].stats.name = "→ " + plan.outputs[o];
    stages_[nodes_ + o].stats.output = true;
  }
}

void RunMeter::Stage::count(double now) {
  if (running > 0) stats.busy += running * (now - since);
  since = now;
}

void RunMeter::Stage::add_latency(double seconds) {
  ++stats.timed;
  stats.latency += seconds;
  stats.longest = std::max(stats.longest, seconds);
}

void RunMeter::begin(const Call& call) {
  Stage& stage = stages_[static_cast<size_t>(call.node)];
  const double now = clock_.now();
  const std::lock_guard lock(stage.mutex);
  stage.count(now);
  ++stage.running;
}

void RunMeter::end(Call& call) {
  Stage& stage = stages_[static_cast<size_t>(call.node)];
  const double now = clock_.now();
  for (CallPart& part : call.parts)
    for (Emission& emission : part.slot->made)
      for (Packet& packet : emission) packet.inherit_captured_at(now);
  const std::lock_guard lock(stage.mutex);
  stage.count(now);
  --stage.running;
  ++stage.stats.calls;
  for (const CallPart& part : call.parts) {
    if (part.slot->failure) ++stage.stats.failed;
    if (const double at = part.slot->captured_at; at == at) stage.add_latency(now - at);
  }
}

void RunMeter::delivered(const OutputPacket& packet) {
  Stage& stage = stages_[nodes_ + packet.output];
  const double now = clock_.now();
  const std::lock_guard lock(stage.mutex);
  ++stage.stats.calls;
  if (const double at = packet.packet.captured_at(); at == at) stage.add_latency(now - at);
}

RunStats RunMeter::stats(const Scheduler& scheduler) const {
  const double now = clock_.now();
  RunStats stats{.seconds = now - began_at_, .over = false, .stages = {}};
  for (const Stage& stage : stages_) {
    const std::lock_guard lock(stage.mutex);
    stats.stages.push_back(stage.stats);
    stats.stages.back().busy += stage.running * std::max(0.0, now - stage.since);
  }
  scheduler.add_queues(stats);
  return stats;
}

}  // namespace millrace
