#pragma once
#include <string>

namespace millrace {

// A stretch of a live stream that nobody has: a device was away, or its data came faster than they were
// taken. The stream's time goes on through it.
struct StreamGap {
  double start = 0, seconds = 0;  // in the stream
  std::string why;                // "the device was lost", for people
};

}  // namespace millrace
