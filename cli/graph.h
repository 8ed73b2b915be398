#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace graph PIPELINE -o FILE`: a picture of it.
Subcommand add_graph_command(CLI::App& app);

}  // namespace millrace::cli
