#pragma once
#include <cstdint>
#include <deque>
#include <memory>

#include "base/error.h"
#include "graph/packet.h"
#include "graph/runtime/plan.h"

namespace millrace {

using Failure = std::shared_ptr<const Error>;

// The envelope of what travels along an edge.
struct Token {
  int64_t sequence = 0;
  Packet packet;
  Failure failure;  // set: the stream ends here, failed; there is no packet
};

// What went through an edge in a run. captured == processed + dropped when the run is over.
struct EdgeCount {
  int64_t captured = 0, processed = 0, dropped = 0;
  size_t depth = 0, deepest = 0;  // packets waiting, of all items
};

// One item's packets on one edge. The edge's credits are its free places: a sender whose policy is `block`
// asks has_room first. Failures and the end need no place.
class EdgeQueue {
 public:
  EdgeQueue(const PlannedEdge& edge, EdgeCount& count) : edge_(&edge), count_(&count) {}

  bool has_room() const {
    return closed_ || edge_->policy != QueuePolicy::block || packets_ < edge_->capacity;
  }
  void push(int64_t sequence, Packet packet);
  void push_failure(Failure failure);
  void end() { ended_ = true; }

  bool empty() const { return tokens_.empty(); }
  size_t packets() const { return packets_; }
  bool ended() const { return ended_ && tokens_.empty(); }  // nothing will come any more
  const Token& front() const { return tokens_.front(); }
  Token pop();   // processed
  void drop();   // the front
  void close();  // the receiver takes nothing any more; what waits is dropped
  bool closed() const { return closed_; }

 private:
  const PlannedEdge* edge_;
  EdgeCount* count_;
  std::deque<Token> tokens_;
  size_t packets_ = 0;
  bool ended_ = false, closed_ = false;
};

}  // namespace millrace
