#pragma once
#include <vector>

#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace models pull|list|show|rm`: the models on this machine and how more get here.
std::vector<Subcommand> add_models_command(CLI::App& app);

}  // namespace millrace::cli
