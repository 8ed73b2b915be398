#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace tokenize --model M`: lines of JSON strings to lines of JSON id lists, and back with --decode.
Subcommand add_tokenize_command(CLI::App& app);

}  // namespace millrace::cli
