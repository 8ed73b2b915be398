#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace detect IMAGE|FOLDER|FILM…`: the shipped pipeline that finds things and puts boxes around them.
Subcommand add_detect_command(CLI::App& app);

}  // namespace millrace::cli
