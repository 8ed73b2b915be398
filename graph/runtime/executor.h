#pragma once
#include <memory>

#include "graph/runtime/plan.h"
#include "graph/runtime/run_types.h"

namespace millrace {

class Scheduler;

// Performs what the scheduler decides, on a oneTBB flow graph in the caller's arena: a function_node per
// node, an async_node per blocking node and one each for source and sink. Packets do not travel along
// oneTBB's edges, whose buffers have no bound; its nodes are handed calls that are ready to run. Nothing
// throws across a oneTBB body.
class Executor {
 public:
  Executor(const Plan& plan, Scheduler& scheduler, const ItemSource& source, const Sink& sink,
           const RunOptions& options);
  ~Executor();

  void run();  // until the scheduler says that it is over

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace
