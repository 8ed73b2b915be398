#include "graph/runtime/simulation.h"

#include <future>
#include <limits>
#include <memory>
#include <utility>

#include "graph/runtime/run_steps.h"
#include "graph/runtime/scheduler.h"

namespace millrace {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Shared with the works posted to the clock, some of which (late wakes) outlive the run.
class Simulation : public std::enable_shared_from_this<Simulation> {
 public:
  Simulation(Scheduler& scheduler, RunSteps& steps, VirtualClock& clock)
      : scheduler_(scheduler), steps_(steps), clock_(clock) {}

  void run() {
    clock_.post(0, [self = shared_from_this()] { self->start(self->scheduler_.start()); });
    over_.get_future().wait();
  }

 private:
  // All of it happens in the clock's turns, one at a time.
  void start(const Launch& launch) {
    steps_.trace_depths(launch);
    for (const CallPtr& call : launch.calls) post(steps_.call(call));
    if (launch.pull) post(steps_.pull());
    if (launch.delivery) post(steps_.deliver(launch.delivery));
    if (launch.wake) wake_at(*launch.wake);
    if (!launch.over) return;
    ended_ = true;
    over_.set_value();
  }

  void post(RunSteps::Step step) {
    clock_.post(0, [self = shared_from_this(), step = std::move(step)] {
      step.perform();
      self->start(step.report());
    });
  }

  void wake_at(double seconds) {
    if (seconds >= wakes_at_) return;
    wakes_at_ = seconds;
    clock_.post(seconds, [self = shared_from_this(), seconds] {
      if (self->ended_ || self->wakes_at_ != seconds) return;
      self->wakes_at_ = kNever;
      self->start(self->scheduler_.woken());
    });
  }

  Scheduler& scheduler_;
  RunSteps& steps_;
  VirtualClock& clock_;
  std::promise<void> over_;
  double wakes_at_ = kNever;
  bool ended_ = false;
};

}  // namespace

void simulate(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
              const RunOptions& options, VirtualClock& clock) {
  RunSteps steps(plan, scheduler, source, sink, options);
  std::make_shared<Simulation>(scheduler, steps, clock)->run();
  steps.tell_stats(true);
}

}  // namespace millrace
