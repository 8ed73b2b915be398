#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/error.h"
#include "graph/packet.h"

namespace millrace {

class TraceWriter;

// One input of a pipeline, a file for instance.
struct Item {
  std::string name;            // for errors and traces
  std::vector<Packet> inputs;  // one for each of CheckedPipeline::inputs
};

// An item that is one string, as `$input` is unless the check was told otherwise.
inline Item text_item(std::string text) {
  Item item{text, {}};
  item.inputs.push_back(Packet::of(std::move(text)));
  return item;
}

// Gives the next item, or nothing when there are no more. Called when there is room for one, so that
// thousands of files are not opened at once. May block.
using ItemSource = std::function<std::optional<Item>()>;

struct OutputPacket {
  size_t item = 0;  // 0 is the first that the source gave
  std::string_view item_name;
  size_t output = 0;  // into CheckedPipeline::outputs
  std::string_view output_name;
  Packet packet;
};

struct FinishedItem {
  size_t item = 0;
  std::string name;
  std::optional<Error> error;  // why it failed
  bool cut_short = false;      // stopped before its end; what came out is right as far as it goes
};

// Takes the results. Calls come one at a time, from a thread that may block: the packets of an item in order
// at each output, each as soon as it and all before it are ready, then `finished`; then the next item's.
struct Sink {
  std::function<void(const OutputPacket&)> packet = {};
  std::function<void(const FinishedItem&)> finished = {};
};

struct Progress {
  size_t started = 0, finished = 0, failed = 0;  // items
  int64_t calls = 0;                             // of nodes
  double seconds = kNoTime;  // the latest stream time that reached an output of the oldest item
};

// What a node has done in a run so far, or an output.
struct StageStats {
  std::string name;  // of the node, or "→ NAME" for the output NAME
  bool output = false;
  int64_t calls = 0;    // of the node; packets that the sink was given
  int64_t failed = 0;   // calls
  int64_t dropped = 0;  // packets lost before its inputs
  size_t waiting = 0, capacity = 0,
         deepest = 0;  // packets at its fullest input, of all items; now and at most
  double busy = 0;     // seconds that its calls took, together: a source's wait for its device, too
  // Its calls' latency: how long ago, at a call's end, the newest of what it worked on was captured, by the
  // run's clock. A packet that does not know when it was captured was when its source gave it.
  int64_t timed = 0;                // calls that have one
  double latency = 0, longest = 0;  // seconds: of all together, and the longest
};

// What a run has done so far, in the order of the pipeline: its nodes and then its outputs.
struct RunStats {
  double seconds = 0;  // since the run began
  bool over = false;
  std::vector<StageStats> stages;
};

struct RunOptions {
  size_t items_in_flight = 0;          // at most; 0: enough to fill batches
  bool in_order = true;                // items finish in the order they came in; otherwise as they are ready
  bool fair = false;                   // items take turns at a node; otherwise the oldest goes first
  bool live_source = false;            // the source waits for items to happen: batches do not wait for it
  const CancelToken* stop = nullptr;   // sources end, what is in flight finishes
  const CancelToken* abort = nullptr;  // no further call; unfinished items fail as interrupted
  TraceWriter* trace = nullptr;
  std::function<void(const Progress&)> progress = {};  // with the calls to the sink
  // Told, once for each standstill, what waits for what when nothing has moved for so long.
  std::function<void(const std::string&)> stalled = {};
  double stalled_after_seconds = 30;
  // Told how the run goes every so often, and when it is over. Calls come one at a time, from a thread that
  // may block; no exception may leave it.
  std::function<void(const RunStats&)> stats = {};
  double stats_every_seconds = 0.5;
};

struct EdgeReport {
  std::string name;                                  // "audio.clip → features.clip"
  bool lossy = false;                                // its policy may lose packets
  int64_t captured = 0, processed = 0, dropped = 0;  // captured == processed + dropped
  size_t deepest = 0;
};

struct RunReport {
  std::vector<FinishedItem> items;
  std::vector<EdgeReport> edges;
  bool interrupted = false;  // told to stop before everything was done
  size_t failed() const {
    size_t count = 0;
    for (const FinishedItem& item : items) count += item.error.has_value();
    return count;
  }
};

// A line for every edge that lost packets, or may lose some by its policy; empty when there is none.
std::string describe_losses(const RunReport& report);

}  // namespace millrace
