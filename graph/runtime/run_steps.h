#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "graph/runtime/plan.h"
#include "graph/runtime/run_meter.h"
#include "graph/runtime/run_types.h"
#include "graph/runtime/scheduler.h"

namespace millrace {

// The steps of which a run consists, whoever performs them and on whichever threads: the calls of nodes,
// source and sink that the scheduler has asked for, with what is told of them to trace and statistics.
class RunSteps {
 public:
  RunSteps(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
           const RunOptions& options);

  // A step to perform, and then what to tell the scheduler, which may be on another thread. Neither throws.
  struct Step {
    std::function<void()> perform;
    std::function<Launch()> report;
  };
  Step call(CallPtr call);
  Step pull();
  Step deliver(std::shared_ptr<const Delivery> delivery);

  void trace_depths(const Launch& launch);
  void tell_stats(bool over);  // where somebody wants to be told

 private:
  void perform_call(Call& call);
  void tell_sink(const Delivery& delivery);

  const Plan& plan_;
  Scheduler& scheduler_;
  const ItemSource& source_;
  const Sink& sink_;
  const RunOptions& options_;
  std::optional<RunMeter> meter_;
  bool sink_failed_ = false;  // only deliveries, of which there is one at a time, look at it
};

}  // namespace millrace
