#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "base/stream_clock.h"
#include "cli/console.h"
#include "nodes/talk_packets.h"
#include "nodes/text_packets.h"

namespace millrace::cli {

// Shows a spoken conversation as it goes on: what was heard and the answers, which stream; or as JSON, a line
// for each of the events heard, answer and cancelled. Times are seconds of the stream; latencies are counted
// from the end of what was said, to what was heard and to an answer's first words.
class TalkOutput {
 public:
  TalkOutput(bool json, Output& out, const StreamClock& clock) : json_(json), out_(out), clock_(clock) {}

  void heard(const Heard& heard);
  void piece(const TextPiece& piece);
  void completion(const Completion& completion);
  void finish();  // nothing follows: answers without an end are cancelled

 private:
  struct Answer {
    double asked = 0;  // when its question had been said
    double start = 0;  // of the first words
    std::string text;
  };
  double now() const { return clock_.now() - began_at_; }
  void tell_end(int64_t turn, const Answer& answer, const char* finish_reason, nlohmann::ordered_json more);
  void close_line(bool cancelled);

  bool json_;
  Output& out_;
  const StreamClock& clock_;
  double began_at_ = 0;
  std::map<int64_t, Answer> open_;  // by turn: asked for, and not at their end
  int64_t line_ = 0;                // the turn whose answer stands on the last line; 0: none
};

}  // namespace millrace::cli
