#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace classify IMAGE|FOLDER…`: the shipped pipeline for pictures.
Subcommand add_classify_command(CLI::App& app);

}  // namespace millrace::cli
