#include "graph/runtime/run_steps.h"

#include <oneapi/tbb/task_arena.h>

#include <exception>
#include <utility>

#include "graph/trace.h"
#include "graph/trace_note.h"

namespace millrace {

RunSteps::RunSteps(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
                   const RunOptions& options)
    : plan_(plan), scheduler_(scheduler), source_(source), sink_(sink), options_(options) {
  if (options.stats) meter_.emplace(plan);
}

// Waits inside the node's own parallel loops must not pick up other nodes' calls: they could take long, or
// need what this one holds.
void RunSteps::perform_call(Call& call) {
  const PlannedNode& node = plan_.nodes[static_cast<size_t>(call.node)];
  const auto begin = TraceWriter::Clock::now();
  if (meter_) meter_->begin(call);
  oneapi::tbb::this_task_arena::isolate([&] { perform(node, call); });
  if (meter_) meter_->end(call);
  std::string notes = take_trace_notes();
  if (!options_.trace) return;
  TraceWriter::Slice slice{.node = node.name,
                           .type = node.type,
                           .begin = begin,
                           .end = TraceWriter::Clock::now(),
                           .parts = {},
                           .failed = false,
                           .notes = std::move(notes)};
  for (const CallPart& part : call.parts) {
    slice.parts.emplace_back(part.item, part.slot->sequence);
    slice.failed |= part.slot->failure != nullptr;
  }
  options_.trace->slice(slice);
}

RunSteps::Step RunSteps::call(CallPtr call) {
  return {[this, call] { perform_call(*call); }, [this, call] { return scheduler_.finished(*call); }};
}

RunSteps::Step RunSteps::pull() {
  struct Pulled {
    std::optional<Item> item;
    std::exception_ptr error;
  };
  const auto pulled = std::make_shared<Pulled>();
  return {
      [this, pulled] {
        try {
          pulled->item = source_();
          if (pulled->item && pulled->item->inputs.size() != plan_.input_edges.size())
            fail(ErrorKind::internal, "the item '{}' has {} inputs, but the pipeline '{}' was checked for {}",
                 pulled->item->name, pulled->item->inputs.size(), plan_.name, plan_.input_edges.size());
        } catch (...) {
          pulled->error = std::current_exception();
        }
      },
      [this, pulled] {
        return pulled->error ? scheduler_.fail(pulled->error) : scheduler_.pulled(std::move(pulled->item));
      }};
}

RunSteps::Step RunSteps::deliver(std::shared_ptr<const Delivery> delivery) {
  const auto error = std::make_shared<std::exception_ptr>();
  return {[this, delivery = std::move(delivery), error] {
            try {
              tell_sink(*delivery);
            } catch (...) {
              *error = std::current_exception();
              sink_failed_ = true;
            }
          },
          [this, error] { return *error ? scheduler_.fail(*error) : scheduler_.delivered(); }};
}

void RunSteps::tell_sink(const Delivery& delivery) {
  if (sink_failed_) return;  // nothing after the first exception
  for (const Delivery::Event& event : delivery.events) {
    if (!event.finished) {
      if (sink_.packet) sink_.packet(event.packet);
      if (meter_) meter_->delivered(event.packet);
      continue;
    }
    if (options_.trace)
      options_.trace->item_finished(event.finished->item, event.finished->name,
                                    event.finished->error.has_value());
    if (sink_.finished) sink_.finished(*event.finished);
  }
  if (delivery.progress && options_.progress) options_.progress(*delivery.progress);
}

void RunSteps::trace_depths(const Launch& launch) {
  for (const auto& [edge, depth] : launch.depths)
    options_.trace->counter(plan_.edges[static_cast<size_t>(edge)].name, depth);
}

void RunSteps::tell_stats(bool over) {
  if (!meter_) return;
  RunStats stats = meter_->stats(scheduler_);
  stats.over = over;
  options_.stats(stats);
}

}  // namespace millrace
