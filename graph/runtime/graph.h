#pragma once
#include <memory>
#include <string>
#include <vector>

#include "graph/check/checked_pipeline.h"
#include "graph/resources.h"
#include "graph/runtime/run_types.h"

namespace millrace {

struct Plan;

// A pipeline ready to run, its nodes constructed. Immutable: one Graph serves any number of runs, also at the
// same time.
class Graph {
 public:
  // Constructs the nodes, which may load models; what their constructors throw comes with the node's name.
  static Graph build(const CheckedPipeline& pipeline, Resources& resources);
  Graph(Graph&&) noexcept;
  ~Graph();

  // Runs every item that `source` gives, in the caller's oneTBB arena, and returns when all have finished. An
  // item that fails does so alone and is in the report. What the source or the sink throws ends the run and
  // comes out here. Results do not depend on the number of threads. With a VirtualClock among the resources
  // the run goes by simulated time, each time in the same order (base/stream_clock.h).
  RunReport run(const ItemSource& source, const Sink& sink, const RunOptions& options = {}) const;

  const std::vector<std::string>& outputs() const;

 private:
  explicit Graph(std::unique_ptr<const Plan> plan);
  std::unique_ptr<const Plan> plan_;
};

// A source that gives these items.
ItemSource items_of(std::vector<Item> items);

}  // namespace millrace
