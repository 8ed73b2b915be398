#pragma once
#include <functional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "cli/shared_options.h"
#include "graph/check/checked_pipeline.h"
#include "graph/resources.h"
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
  bool live = false;   // streams: all inputs at the same time and in turn, results as they come
  std::function<void(Resources&)> prepare = {};  // adds to what the nodes share
  // Told of the run's end, before any error; without it, what a live run lost is said.
  std::function<void(const RunReport&)> report = {};
};

// Runs it. `sink` hears of the results in order; failures are told to standard error as they come. The exit
// code: 0; 130 when interrupted, 143 when terminated; an only input's error goes on as it is; 1 when some of
// several failed.
int run_pipeline(const PipelineRun& run, const Sink& sink, Console& console);

}  // namespace millrace::cli
