#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace nodes [NAME]`: the node types that a pipeline may name, from their contracts.
Subcommand add_nodes_command(CLI::App& app);

}  // namespace millrace::cli
