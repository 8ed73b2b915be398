#pragma once
#include <cstdint>
#include <string>

#include "cli/console.h"
#include "models/store/pull_progress.h"

namespace millrace::cli {

// "145.2 MB"
std::string show_bytes(uint64_t bytes);

// Pulls that show how far they are on the progress line and end when interrupted. The console has to outlive
// them.
PullOptions pull_options(Console& console);

}  // namespace millrace::cli
