#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace check PIPELINE`: all that is wrong with it, without models and without running it.
Subcommand add_check_command(CLI::App& app);

}  // namespace millrace::cli
