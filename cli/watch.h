#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace watch`: the shipped pipelines for what a camera sees now.
Subcommand add_watch_command(CLI::App& app);

}  // namespace millrace::cli
