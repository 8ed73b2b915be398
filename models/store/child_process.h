#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"

namespace millrace {

struct ChildProcess {
  std::vector<std::string> command;                              // looked for in PATH; no shell reads it
  std::vector<std::pair<std::string, std::string>> environment;  // beside this process's own
  std::function<void()> tick;           // called about ten times a second; may be empty
  const CancelToken* cancel = nullptr;  // ends the child and throws Error(interrupted)
};

struct ChildResult {
  int status = 0;      // its exit status; 127: there is no such program; 128 + N: signal N ended it
  std::string output;  // the end of what it wrote to standard output and error, which are not shown
};

// Runs a program to its end in a process group of its own, with nothing on its standard input.
ChildResult run_child(const ChildProcess& child);

}  // namespace millrace
