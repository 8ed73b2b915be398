#pragma once
#include "cli/console.h"

namespace millrace::cli {

// Reads the command line and does what it says; gives the exit code. Command lines that mean nothing are
// Error(usage).
int run_command_line(int argc, const char* const* argv, Console& console);

}  // namespace millrace::cli
