#include "graph/runtime/scheduler.h"

#include <fmt/core.h>

#include <algorithm>

#include "graph/trace.h"

namespace millrace {
namespace {

constexpr size_t kFewestInFlight = 4;
constexpr double kProgressInterval = 0.1;  // seconds
constexpr double kStopPatience = 0.8;      // seconds that a source gets to return from its call

}  // namespace

Scheduler::Scheduler(const Plan& plan, const RunOptions& options)
    : plan_(plan),
      options_(options),
      most_in_flight_(options.items_in_flight > 0 ? options.items_in_flight
                                                  : std::max(kFewestInFlight, 2 * plan.largest_batch)),
      counts_(plan.edges.size()),
      told_depths_(plan.edges.size()) {
  for (const PlannedNode& node : plan.nodes) gates_.emplace_back(node, *plan.clock);
}

// --- Events ---

Launch Scheduler::start() {
  const std::lock_guard lock(mutex_);
  return settle();
}

Launch Scheduler::finished(const Call& call) {
  const std::lock_guard lock(mutex_);
  look_for_cancellation();
  ++moves_;
  const auto node = static_cast<size_t>(call.node);
  (plan_.nodes[node].blocking ? blocking_ : computing_) -= 1;
  gates_[node].finished();
  touched_.insert(call.node);
  ++progress_.calls;
  for (const CallPart& part : call.parts) {
    part.stream->finish(call, part, stopping_);
    mark(part.item, call.node);
  }
  return settle();
}

Launch Scheduler::pulled(std::optional<Item> item) {
  const std::lock_guard lock(mutex_);
  pulling_ = false;
  ++moves_;
  if (!item || stopping()) {
    exhausted_ = !item;
    report_.interrupted |= item.has_value();
    return settle();
  }
  const size_t index = next_item_++;
  ++progress_.started;
  if (options_.trace) options_.trace->item_started(index, item->name);  // none of its calls can begin before
  items_.emplace(index, std::make_unique<ItemRun>(plan_, index, std::move(*item), counts_));
  mark_item(index);
  return settle();
}

Launch Scheduler::delivered() {
  const std::lock_guard lock(mutex_);
  delivering_ = false;
  return settle();
}

Launch Scheduler::woken() {
  const std::lock_guard lock(mutex_);
  return settle();
}

Launch Scheduler::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  pulling_ = delivering_ = false;
  if (!error_) error_ = std::move(error);
  interrupt();
  return settle();
}

// --- What follows from them ---

void Scheduler::look_for_cancellation() {
  if (!stopping() && options_.stop && options_.stop->cancelled()) {
    stopping_ = Stream::Stopping::asked;
    stop_asked_at_ = plan_.clock->now();
    report_.interrupted = !exhausted_ || !items_.empty();
    for (const auto& [index, item] : items_) mark_item(index);
  }
  if (!aborting_ && options_.abort && options_.abort->cancelled()) {
    report_.interrupted |= !exhausted_ || !items_.empty();
    interrupt();
  }
}

// A source that hangs, on a device that is gone for instance, must not keep what it gave before.
void Scheduler::look_for_overdue_sources() {
  if (stopping_ != Stream::Stopping::asked || plan_.clock->now() < stop_asked_at_ + kStopPatience) return;
  stopping_ = Stream::Stopping::overdue;
  for (const auto& [index, item] : items_) mark_item(index);
}

void Scheduler::interrupt() {
  if (!stopping()) stopping_ = Stream::Stopping::asked;
  aborting_ = true;
  for (const auto& [index, item] : items_) {
    item->interrupt();
    mark_item(index);
  }
}

void Scheduler::mark(size_t item, int node) { marked_.emplace_back(item, node); }

void Scheduler::mark_item(size_t item) {
  for (size_t n = 0; n < plan_.nodes.size(); ++n) mark(item, static_cast<int>(n));
}

void Scheduler::mark_neighbours(size_t item, int node) {
  const PlannedNode& planned = plan_.nodes[static_cast<size_t>(node)];
  for (const int edge : planned.in_edges)
    if (edge >= 0 && plan_.edges[static_cast<size_t>(edge)].from.from_node())
      mark(item, plan_.edges[static_cast<size_t>(edge)].from.node);
  for (const auto& edges : planned.out_edges)
    for (const int edge : edges)
      if (plan_.edges[static_cast<size_t>(edge)].to_node >= 0)
        mark(item, plan_.edges[static_cast<size_t>(edge)].to_node);
}

void Scheduler::advance_marked() {
  while (!marked_.empty()) {
    const auto [index, node] = marked_.back();
    marked_.pop_back();
    const auto item = items_.find(index);
    if (item == items_.end()) continue;
    Stream& stream = item->second->stream(node);
    const bool due = stream.advance(stopping_) != Stream::Due::nothing;
    gates_[static_cast<size_t>(node)].set_ready(index, due && !aborting_);
    if (due) touched_.insert(node);
    if (stream.changed()) mark_neighbours(index, node);
  }
}

// At most as many as a batch takes.
size_t Scheduler::inputs_ready(int node) {
  const auto most = static_cast<size_t>(plan_.nodes[static_cast<size_t>(node)].properties.batch);
  size_t count = 0;
  for (const size_t index : gates_[static_cast<size_t>(node)].ready()) {
    count += items_.at(index)->stream(node).waiting();
    if (count >= most) return most;
  }
  return count;
}

bool Scheduler::launch_node(int node, bool force, Launch& launch) {
  NodeGate& gate = gates_[static_cast<size_t>(node)];
  const PlannedNode& planned = plan_.nodes[static_cast<size_t>(node)];
  const auto batch = static_cast<size_t>(planned.properties.batch);
  if (!gate.may_run()) return false;
  if (batch > 1 && !force && inputs_ready(node) < batch) {
    const auto deadline = gate.deadline();
    if (!deadline || *deadline > plan_.clock->now()) return false;
  }
  auto call = std::make_shared<Call>();
  const size_t first = gate.pick(options_.fair);
  while (call->parts.size() < batch && !gate.ready().empty()) {
    const size_t index = call->parts.empty() ? first : gate.pick(options_.fair);
    Stream& stream = items_.at(index)->stream(node);
    Stream::Due due = stream.advance(stopping_);
    if (due != Stream::Due::nothing) {
      stream.take(due, *call);
      due = stream.advance(stopping_);
    }
    gate.set_ready(index, due != Stream::Due::nothing);
    mark(index, node);
    if (stream.changed()) mark_neighbours(index, node);
  }
  if (call->parts.empty()) return false;
  gate.started(first);
  (planned.blocking ? blocking_ : computing_) += 1;
  launch.calls.push_back(std::move(call));
  return true;
}

// Nodes further down go first: what is nearly done makes room.
bool Scheduler::launch_ready(Launch& launch) {
  bool any = false;
  while (!touched_.empty()) {
    const int node = *touched_.rbegin();
    touched_.erase(node);
    while (launch_node(node, false, launch)) any = true;
  }
  return any;
}

bool Scheduler::launch_waiting_batch(Launch& launch) {
  for (size_t n = 0; n < plan_.nodes.size(); ++n)
    if (plan_.nodes[n].properties.max_wait_ms < 0 && launch_node(static_cast<int>(n), true, launch))
      return true;
  return false;
}

void Scheduler::collect(Launch& launch) {
  if (delivering_) return;
  auto delivery = std::make_shared<Delivery>();
  std::vector<int> freed;
  for (auto entry = items_.begin(); entry != items_.end();) {
    ItemRun& item = *entry->second;
    freed.clear();
    item.collect(delivery->events, freed);
    for (const int node : freed) mark(item.index(), node);
    progress_.seconds = item.seconds();
    if (!item.finished()) {
      if (options_.in_order) break;
      ++entry;
      continue;
    }
    FinishedItem result = item.result();
    ++progress_.finished;
    progress_.failed += result.error.has_value();
    report_.items.push_back(result);
    delivery->events.push_back(
        {{.item = item.index(), .item_name = {}, .output = 0, .output_name = {}, .packet = {}},
         std::move(result),
         nullptr});
    for (NodeGate& gate : gates_) gate.set_ready(item.index(), false);
    entry = items_.erase(entry);
  }
  const double now = options_.progress ? plan_.clock->now() : 0;
  if (options_.progress && (now - progress_told_ >= kProgressInterval || !delivery->events.empty())) {
    progress_told_ = now;
    delivery->progress = progress_;
  }
  if (delivery->events.empty() && !delivery->progress) return;
  delivering_ = true;
  launch.delivery = std::move(delivery);
}

void Scheduler::admit(Launch& launch) {
  if (pulling_ || exhausted_ || stopping() || items_.size() >= most_in_flight_) return;
  pulling_ = launch.pull = true;
}

void Scheduler::set_wake(Launch& launch) {
  for (size_t n = 0; n < gates_.size(); ++n) {
    if (!gates_[n].may_run()) continue;
    const auto deadline = gates_[n].deadline();
    if (deadline && (!launch.wake || *deadline < *launch.wake)) launch.wake = deadline;
  }
  if (stopping_ == Stream::Stopping::asked && blocking_ > 0)
    launch.wake =
        std::min(launch.wake.value_or(stop_asked_at_ + kStopPatience), stop_asked_at_ + kStopPatience);
}

bool Scheduler::everything_done() const { return items_.empty() && (exhausted_ || stopping()); }

Launch Scheduler::settle() {
  Launch launch;
  if (over_) return launch;
  look_for_cancellation();
  look_for_overdue_sources();
  for (size_t n = 0; n < gates_.size(); ++n)
    if (gates_[n].deadline()) touched_.insert(static_cast<int>(n));
  do {
    advance_marked();
    collect(launch);
    if (!marked_.empty()) continue;
    if (launch_ready(launch)) continue;
    const bool source_quiet = !pulling_ || options_.live_source;
    if (computing_ == 0 && source_quiet && !aborting_) launch_waiting_batch(launch);
  } while (!marked_.empty());
  admit(launch);
  set_wake(launch);
  if (options_.trace)
    for (size_t e = 0; e < counts_.size(); ++e)
      if (counts_[e].depth != told_depths_[e])
        launch.depths.emplace_back(static_cast<int>(e), told_depths_[e] = counts_[e].depth);
  if (computing_ > 0 || blocking_ > 0 || pulling_ || delivering_ || launch.wake) return launch;
  if (!everything_done()) {
    error_ =
        std::make_exception_ptr(Error(ErrorKind::internal, fmt::format("the graph '{}' stands still:\n{}",
                                                                       plan_.name, describe_waits_locked())));
  }
  launch.over = over_ = true;
  return launch;
}

// --- Reports ---

std::string Scheduler::describe_waits_locked() const {
  std::string text;
  for (const auto& [index, item] : items_) text += item->describe_waits();
  if (pulling_) text += "  the source has been asked for an item\n";
  if (delivering_) text += "  the sink has been given results\n";
  return text;
}

std::string Scheduler::describe_waits() const {
  const std::lock_guard lock(mutex_);
  return describe_waits_locked();
}

int64_t Scheduler::moves() const {
  const std::lock_guard lock(mutex_);
  return moves_;
}

void Scheduler::add_queues(RunStats& stats) const {
  const std::lock_guard lock(mutex_);
  for (size_t e = 0; e < plan_.edges.size(); ++e) {
    const PlannedEdge& edge = plan_.edges[e];
    const EdgeCount& count = counts_[e];
    const size_t row = edge.to_node >= 0 ? static_cast<size_t>(edge.to_node)
                                         : plan_.nodes.size() + static_cast<size_t>(edge.to_port);
    StageStats& stage = stats.stages.at(row);
    stage.dropped += count.dropped;
    if (!edge.from.from_node()) continue;  // each item brings one packet
    stage.deepest = std::max(stage.deepest, count.deepest);
    if (stage.capacity > 0 && count.depth < stage.waiting) continue;
    stage.waiting = count.depth;
    stage.capacity = edge.capacity * std::max<size_t>(1, items_.size());
  }
}

RunReport Scheduler::take_report() {
  const std::lock_guard lock(mutex_);
  if (error_) std::rethrow_exception(error_);
  for (size_t e = 0; e < counts_.size(); ++e)
    report_.edges.push_back({.name = plan_.edges[e].name,
                             .lossy = plan_.edges[e].policy != QueuePolicy::block,
                             .captured = counts_[e].captured,
                             .processed = counts_[e].processed,
                             .dropped = counts_[e].dropped,
                             .deepest = counts_[e].deepest});
  return std::move(report_);
}

}  // namespace millrace
