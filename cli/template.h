#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace template MODEL|FILE.jinja < CASE.json`: renders a chat template.
Subcommand add_template_command(CLI::App& app);

}  // namespace millrace::cli
