#pragma once
#include <deque>
#include <string>

#include "graph/runtime/run_types.h"

namespace millrace::cli {

// The table of --stats, a row for each node and output, at most `columns` wide. Rates, latencies (mean) and
// busy shares are of what happened since `before`, which is empty for the whole run; what waits is of now,
// and the deepest queue, the longest latency, losses and failures are of the whole run.
//
//   after 12.5 s      calls/s    queue deepest  latency  longest    drops  busy failed
//   audio                10.0                                                99 %
//   speech               10.0     1/32       2    12 ms    40 ms             1 %
//   → text               0.40     0/16       1   0.61 s   0.70 s
std::string stats_table(const RunStats& stats, const RunStats& before, size_t columns = 80);

// The table as a run goes on: of its last seconds, and of all of it when it is over.
class StatsView {
 public:
  std::string table(const RunStats& stats);

 private:
  std::deque<RunStats> recent_;
};

}  // namespace millrace::cli
