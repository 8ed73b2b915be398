#pragma once
#include "base/stream_clock.h"
#include "graph/runtime/plan.h"
#include "graph/runtime/run_types.h"

namespace millrace {

class Scheduler;

// Performs what the scheduler decides in the simulated time of `clock`: one step after another, in an order
// that is the same every time, each at no cost of time but what its node, the source or the sink waits for on
// the clock. What an Executor does for real.
void simulate(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
              const RunOptions& options, VirtualClock& clock);

}  // namespace millrace
