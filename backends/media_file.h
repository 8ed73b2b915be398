#pragma once
#include <string>

namespace millrace {

// A picture or a recording as a message brings it: all of its file.
struct MediaFile {
  std::string name;  // for messages: a path, or where in the conversation it is
  std::string bytes;
};

}  // namespace millrace
