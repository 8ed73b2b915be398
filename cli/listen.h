#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace listen`: captions of what is being said, from microphones or recordings played in real time.
Subcommand add_listen_command(CLI::App& app);

}  // namespace millrace::cli
