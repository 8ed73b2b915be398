#pragma once
#include <limits>
#include <string>

#include "nodes/packets.h"
#include "nodes/turn.h"

// What travels along the edges of a spoken conversation, beside what text and sound pipelines have.
namespace millrace {

// A clip's place in the conversation.
struct Utterance {
  Turn turn;
  bool ends = true;           // false: longer than a clip may be, it goes on in the next one
  double start = 0, end = 0;  // of the speech in it, without padding: in the recording, in seconds
};

// What was said in a clip.
struct Heard {
  std::string text;                                            // without spaces around it; may be empty
  std::string language;                                        // code
  double began_at = std::numeric_limits<double>::quiet_NaN();  // of the recording (AudioClip::began_at)
  Utterance utterance;
};

template <>
struct PacketTime<Heard> {
  static double seconds(const Heard& heard) { return heard.utterance.start; }
};

}  // namespace millrace
