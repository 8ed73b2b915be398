#pragma once
#include <deque>
#include <mutex>
#include <vector>

#include "graph/runtime/call.h"
#include "graph/runtime/plan.h"
#include "graph/runtime/run_types.h"

namespace millrace {

class Scheduler;

// Measures a run's calls for RunStats. From any thread; each node is measured on its own.
class RunMeter {
 public:
  explicit RunMeter(const Plan& plan);

  void begin(const Call& call);
  // What the call made, where it does not know when it was captured, was captured now.
  void end(Call& call);
  void delivered(const OutputPacket& packet);

  RunStats stats(const Scheduler& scheduler) const;  // the queues are the scheduler's

 private:
  struct Stage {
    mutable std::mutex mutex;
    StageStats stats;
    int running = 0;   // calls
    double since = 0;  // `busy` is counted up to here
    void count(double now);
    void add_latency(double seconds);
  };

  const StreamClock& clock_;
  double began_at_;
  std::deque<Stage> stages_;  // nodes, then outputs
  size_t nodes_;
};

}  // namespace millrace
