#pragma once
#include <CLI/CLI.hpp>
#include <string>

namespace millrace::cli {

// Lays out `--help`: what the command does, examples, usage, then arguments and options in two columns,
// wrapped at 100.
class HelpFormat : public CLI::Formatter {
 public:
  // A subcommand's examples are kept in CLI11's footer.
  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override;
};

}  // namespace millrace::cli
