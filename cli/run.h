#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace run PIPELINE [INPUT…]`: any pipeline over files.
Subcommand add_run_command(CLI::App& app);

}  // namespace millrace::cli
