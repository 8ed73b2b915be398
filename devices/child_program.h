#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

// How a program ended.
struct ProgramEnd {
  bool stopped = false;  // it was ended before its own end: as `unwanted` said, or by a person's interrupt
  int code = 0;          // otherwise what it ended with; 128 + the signal's number
  std::string messages;  // the beginning of what it wrote to standard output and error
};

// Runs a program to its end, without a shell: command[0] is looked for on PATH, `input` is its standard
// input, and it gets no other file of this process. `unwanted` is asked every few milliseconds; once it is
// true the program is killed. Never leaves a process behind. Error(io) where it can't be started: `missing`
// is what to do about a program that is not there.
ProgramEnd run_program(const std::vector<std::string>& command, std::string_view input,
                       const std::function<bool()>& unwanted, std::string_view missing = {});

}  // namespace millrace
