#pragma once
#include <optional>
#include <string>

#include "base/cancel.h"

namespace millrace::cli {

// Lines of standard input, as a person types them.
class LineReader {
 public:
  enum class End { line, input, interrupted };
  struct Line {
    std::string text;
    End end = End::line;  // input: nothing follows; interrupted: a signal came while it was typed
  };
  Line read(const CancelToken& interrupted);

 private:
  std::string pending_;
};

// All of standard input. Error(input) beyond `most` bytes.
std::string read_all_input(size_t most);

}  // namespace millrace::cli
