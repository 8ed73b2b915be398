#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace doctor`: what this machine has, what of it works, and what to do about what does not.
Subcommand add_doctor_command(CLI::App& app);

}  // namespace millrace::cli
