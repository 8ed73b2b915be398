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
};

struct EdgeReport {
  std::string name;                                  // "audio.clip → features.clip"
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

// A line for every edge that lost packets; empty when none did.
std::string describe_losses(const RunReport& report);

}  // namespace millrace
