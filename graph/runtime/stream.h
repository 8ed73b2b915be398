#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "graph/runtime/call.h"
#include "graph/runtime/edge_queue.h"
#include "graph/runtime/plan.h"

namespace millrace {

// One item's passage through one node: joins its inputs, says which call is due, and passes on what the calls
// made, in order and as there is room. All of it under the scheduler's lock; the calls themselves run
// outside.
class Stream {
 public:
  // `queues` are the item's, by edge number.
  Stream(const Plan& plan, int node, size_t item, std::vector<EdgeQueue>& queues);

  enum class Due { nothing, process, flush, generate };
  // Whether sources are to end. Overdue: nobody waits for what a device's or pipe's call may still bring.
  enum class Stopping { no, asked, overdue };
  // Moves on what can be moved and says which call may be made now.
  Due advance(Stopping stopping);
  // The call that advance() said is due, as part of `call`. Batches take several, with advance() between.
  void take(Due due, Call& call);
  // A call that was taken has been performed.
  void finish(const Call& call, const CallPart& part, Stopping stopping);
  // Ends at once, without result: nobody waits for it any more.
  void cut_off();

  size_t waiting() const;  // inputs ready to be joined
  bool ended() const { return ended_; }
  int running() const { return running_; }
  bool cut_short() const { return cut_short_; }  // ended because sources were told to
  const Failure& failure() const { return failure_; }
  bool changed();  // whether queues changed since the last question

  std::string describe_wait() const;  // "waits for …", for the stall report

 private:
  enum class Step { wait, call, end };

  EdgeQueue& queue(size_t input) const { return queues_[static_cast<size_t>(node_.in_edges[input])]; }
  void drain();
  bool has_room(const Emission& emission) const;
  void pass_on(const Emission& emission, int64_t sequence);
  Due due(Stopping stopping);
  Step look_at_inputs();
  bool align_heads();
  Due at_end_of_inputs();
  void fail_after_running(Failure failure);
  void end(Failure failure);
  bool wanted() const;

  const Plan& plan_;
  const PlannedNode& node_;
  int index_;
  size_t item_;
  std::vector<EdgeQueue>& queues_;
  std::vector<Packet> latched_;
  std::deque<std::shared_ptr<Slot>> slots_;           // calls in order: running or waiting to be passed on
  std::deque<std::pair<int64_t, Emission>> pending_;  // made, but not yet in a queue
  std::vector<int64_t> emitted_;                      // per output port
  NodeInstance::State state_;
  Failure failure_;
  int running_ = 0;
  double captured_at_ = kNoTime;  // of the newest input
  int64_t unanswered_ = 0;        // emissions without feedback yet
  bool generating_ = false, flushed_ = false, fed_once_ = false, closing_ = false, ended_ = false;
  bool answer_due_ = false, cut_short_ = false, changed_ = false;
};

}  // namespace millrace
