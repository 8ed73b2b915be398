#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace segment IMAGE|FOLDER|FILM…`: the shipped pipeline that labels pixels.
Subcommand add_segment_command(CLI::App& app);

}  // namespace millrace::cli
