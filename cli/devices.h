#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace devices`: the microphones and cameras that are there, and what to do where there are none.
Subcommand add_devices_command(CLI::App& app);

}  // namespace millrace::cli
