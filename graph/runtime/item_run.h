#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/runtime/edge_queue.h"
#include "graph/runtime/plan.h"
#include "graph/runtime/run_types.h"
#include "graph/runtime/stream.h"

namespace millrace {

// What the sink is to be told.
struct Delivery {
  struct Event {
    OutputPacket packet;
    std::optional<FinishedItem> finished;     // set: this, and no packet
    std::shared_ptr<const std::string> name;  // what the packet's item_name looks at
  };
  std::vector<Event> events;
  std::optional<Progress> progress;
};

// One item on its way: its queues, its streams and what became of its outputs.
class ItemRun {
 public:
  ItemRun(const Plan& plan, size_t index, Item item, std::vector<EdgeCount>& counts);

  size_t index() const { return index_; }
  const std::string& name() const { return *name_; }
  Stream& stream(int node) { return streams_[static_cast<size_t>(node)]; }
  const Stream& stream(int node) const { return streams_[static_cast<size_t>(node)]; }

  // Moves what has arrived at the outputs into `events`; the nodes that gained room go to `freed`.
  void collect(std::vector<Delivery::Event>& events, std::vector<int>& freed);
  bool finished() const;
  FinishedItem result() const;  // once finished

  void interrupt();  // ends all streams
  double seconds() const { return seconds_; }
  std::string describe_waits() const;  // a line per node that has not ended

 private:
  const Plan& plan_;
  size_t index_;
  std::shared_ptr<const std::string> name_;
  std::vector<EdgeQueue> queues_;
  std::deque<Stream> streams_;
  std::vector<bool> output_done_;
  std::vector<Failure> output_failure_;
  bool interrupted_ = false;
  double seconds_ = kNoTime;
};

}  // namespace millrace
