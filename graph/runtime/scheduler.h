#pragma once
#include <deque>
#include <exception>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "graph/runtime/call.h"
#include "graph/runtime/item_run.h"
#include "graph/runtime/node_gate.h"
#include "graph/runtime/plan.h"
#include "graph/runtime/run_types.h"

namespace millrace {

using CallPtr = std::shared_ptr<Call>;

// What is to be started now, outside the lock.
struct Launch {
  std::vector<CallPtr> calls;
  bool pull = false;                           // ask the source for an item
  std::shared_ptr<const Delivery> delivery;    // tell the sink
  std::optional<double> wake;                  // call woken() then, by the plan's clock
  bool over = false;                           // said once
  std::vector<std::pair<int, size_t>> depths;  // edges whose queues changed, for the trace
};

// Decides what runs when. It knows no threads: whoever runs it reports what happened and starts what it is
// told to, from any thread. One mutex guards all of it; nodes, source and sink are called outside.
//
// Nothing here can wait in a circle: a call holds nothing while it waits for another, every item has its own
// places in every queue, a node is not called before what it made has found room, and only the oldest item's
// results have to leave. If nothing can run although items are unfinished, that is a fault of this class, and
// the run ends with Error(internal) saying what waits for what.
class Scheduler {
 public:
  Scheduler(const Plan& plan, const RunOptions& options);

  Launch start();
  Launch finished(const Call& call);
  Launch pulled(std::optional<Item> item);
  Launch delivered();
  Launch woken();
  Launch fail(std::exception_ptr error);  // the source or the sink threw: ends the run

  std::string describe_waits() const;
  int64_t moves() const;             // grows whenever something has got on
  void add_queues(RunStats&) const;  // what waits at, and was lost before, each node and output

  // After the end. Throws what ended the run early, except for interruption, which is in the report.
  RunReport take_report();

 private:
  Launch settle();
  void look_for_cancellation();
  void look_for_overdue_sources();
  void interrupt();
  void mark(size_t item, int node);
  void mark_item(size_t item);
  void mark_neighbours(size_t item, int node);
  void advance_marked();
  bool launch_node(int node, bool force, Launch& launch);
  bool launch_ready(Launch& launch);
  bool launch_waiting_batch(Launch& launch);
  size_t inputs_ready(int node);
  void collect(Launch& launch);
  void admit(Launch& launch);
  void set_wake(Launch& launch);
  bool stopping() const { return stopping_ != Stream::Stopping::no; }
  bool everything_done() const;
  std::string describe_waits_locked() const;

  const Plan& plan_;
  const RunOptions& options_;
  size_t most_in_flight_;

  mutable std::mutex mutex_;
  std::vector<EdgeCount> counts_;
  std::vector<size_t> told_depths_;
  std::vector<NodeGate> gates_;
  std::map<size_t, std::unique_ptr<ItemRun>> items_;  // in flight
  std::vector<std::pair<size_t, int>> marked_;        // streams to look at
  std::set<int> touched_;                             // nodes whose gates changed
  RunReport report_;
  Progress progress_;
  double progress_told_ = -std::numeric_limits<double>::infinity();
  size_t next_item_ = 0;
  int computing_ = 0, blocking_ = 0;
  int64_t moves_ = 0;
  bool pulling_ = false, delivering_ = false, exhausted_ = false;
  Stream::Stopping stopping_ = Stream::Stopping::no;
  double stop_asked_at_ = 0;
  bool aborting_ = false, over_ = false;
  std::exception_ptr error_;
};

}  // namespace millrace
