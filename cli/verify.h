#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace verify MODEL REFERENCE.safetensors`: runs a reference and prints how far the results are from it.
Subcommand add_verify_command(CLI::App& app);

}  // namespace millrace::cli
