#pragma once
#include "cli/subcommand.h"

namespace millrace::cli {

// `millrace transcribe FILE…`: the shipped speech pipelines, with faster-whisper's options.
Subcommand add_transcribe_command(CLI::App& app);

}  // namespace millrace::cli
