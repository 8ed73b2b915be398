#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

Subcommand add_chat_command(CLI::App& parent);
Subcommand add_generate_command(CLI::App& parent);

}  // namespace millrace::cli
