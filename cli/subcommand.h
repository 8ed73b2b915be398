#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "cli/console.h"

namespace millrace::cli {

// What a subcommand does once its command line is read; gives the exit code.
using Action = std::function<int(Console&)>;

// What every subcommand's add_NAME_command fills in: its options on `app`, which parses into variables that
// the action holds (so they must outlive the call: shared_ptr).
struct Subcommand {
  CLI::App* app;
  Action action;
};

// Adds a subcommand whose help begins with `examples`, a command line each line.
CLI::App* add_subcommand(CLI::App& parent, const std::string& name, const std::string& summary,
                         const std::string& examples);

}  // namespace millrace::cli
