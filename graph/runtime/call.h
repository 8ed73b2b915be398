#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "graph/runtime/edge_queue.h"
#include "graph/runtime/plan.h"

namespace millrace {

class Stream;

// One call's place in its stream: filled by whoever performs the call, emptied in order.
struct Slot {
  int64_t sequence = 0;      // of the inputs
  double seconds = kNoTime;  // of the inputs
  double captured_at = kNoTime;
  bool done = false;
  std::vector<Emission> made;
  Failure failure;
};

// What is to be called for one item.
struct CallPart {
  Stream* stream = nullptr;
  size_t item = 0;
  std::shared_ptr<Slot> slot;
  Inputs inputs;
};

enum class CallKind { process, flush, generate };

// A call of a node that is ready to be performed by any thread. Only a batch has several parts.
struct Call {
  int node = 0;
  CallKind kind = CallKind::process;
  std::vector<CallPart> parts;
  NodeInstance::State* state = nullptr;  // of the stream; nobody else touches it during the call
  bool more = false;                     // a generator's answer
};

// Calls the node and fills the slots. Never throws: what the node throws becomes the slot's failure. When a
// batch throws, its parts are called one by one, so that only the bad one fails.
void perform(const PlannedNode& node, Call& call) noexcept;

}  // namespace millrace
