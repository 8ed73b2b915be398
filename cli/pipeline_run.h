#pragma once
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/shared_options.h"
#include "graph/check/checked_pipeline.h"
#include "graph/runtime/run_types.h"

namespace millrace::cli {

// What the commands that run a pipeline over files have in common.
struct PipelineRun {
  const CheckedPipeline& pipeline;
  std::vector<std::string> inputs;  // an item each
  std::string weights;              // empty: as the file has them
  int threads = 0;
  std::string trace;   // a file, or none
  bool stats = false;  // the table of --stats: as it goes on a terminal, and at the end
  bool live = false;   // endless sources, which take turns; what was lost is told at the end
};

// Runs it. `sink` hears of the results in order; failures are told to standard error as they come. The exit
// code: 0; 130 when interrupted, 143 when terminated; an only input's error goes on as it is; 1 when some of
// several failed.
int run_pipeline(const PipelineRun& run, const Sink& sink, Console& console);

}  // namespace millrace::cli
