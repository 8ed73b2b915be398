#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>

#include "base/cancel.h"
#include "graph/packet.h"

namespace millrace {

class Floor;

// One utterance and the answer to it. Its number travels with whatever is made for it, so that all of that
// can tell whether it is still wanted.
struct Turn {
  int64_t number = 0;                            // from 1; greater is newer
  std::shared_ptr<const CancelToken> over = {};  // set as soon as a newer turn begins
  std::shared_ptr<Floor> floor = {};             // of the conversation

  bool cancelled() const { return over && over->cancelled(); }
};

// Who speaks in one conversation: turns begin one after another, each ends the one before. Thread-safe.
class Floor : public std::enable_shared_from_this<Floor> {
 public:
  Turn begin_turn();

  // Between the two, answers come out of the loudspeakers; times are the run's StreamClock's.
  void starts_speaking(double now);
  void stops_speaking(double now);
  // Whether what was captured at `time` may be an answer that the microphone heard, or what the room kept of
  // it.
  bool hears_itself(double time) const;

 private:
  static constexpr double kNever = -std::numeric_limits<double>::infinity();
  mutable std::mutex mutex_;
  int64_t turns_ = 0;
  std::shared_ptr<CancelToken> latest_;
  double speaks_from_ = kNever, speaks_until_ = kNever;
};

}  // namespace millrace
