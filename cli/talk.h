#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace talk`: a spoken conversation with a language model.
Subcommand add_talk_command(CLI::App& app);

}  // namespace millrace::cli
