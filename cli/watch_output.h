#pragma once
#include <deque>
#include <string>

#include "base/stream_clock.h"
#include "base/stream_gap.h"
#include "cli/console.h"
#include "cli/latency_tally.h"
#include "graph/packet.h"
#include "preprocess/image.h"

namespace millrace::cli {

// What was found in live pictures, on standard output: a line for each picture, which on a terminal is one
// that rewrites itself. As JSON, an object a line: {"time", FIELD, "latency"}, or {"time", "gap", "why"}.
class WatchOutput {
 public:
  WatchOutput(std::string_view format, std::string field, StreamClock& clock, Console& console);

  // A result; then, in the same order, the picture that it is of, with which it is told.
  void found(const Packet& packet) { found_.push_back(packet); }
  void picture(const Image& image);
  void gap(const StreamGap& gap);

  const LatencyTally& latencies() const { return latencies_; }

 private:
  void write_json(const Packet& found, double seconds, double latency);
  void write_text(const Packet& found, double seconds, double latency);

  bool json_, rewrites_;
  std::string field_;
  StreamClock& clock_;
  Console& console_;
  std::deque<Packet> found_;  // whose pictures have not come yet
  LatencyTally latencies_;
};

}  // namespace millrace::cli
