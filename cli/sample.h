#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace sample < CASE.json`: what the logit rules and the sampler make of one step.
Subcommand add_sample_command(CLI::App& app);

}  // namespace millrace::cli
