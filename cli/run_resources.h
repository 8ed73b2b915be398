#pragma once
#include <string>

#include "cli/console.h"
#include "graph/resources.h"

namespace millrace::cli {

// What every run's nodes share: the tokens that the console's interrupts set, which outlive it, and the
// models, their weights held as `weights` says (empty: as the file has them).
void share_run_resources(Resources& resources, Console& console, const std::string& weights);

}  // namespace millrace::cli
