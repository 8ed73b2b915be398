#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/console.h"
#include "kernels/kernels.h"

// Options that several subcommands take: the same names and words everywhere. Each is parsed into a variable
// that has to outlive the parsing; its value before is the default, which the help shows.
namespace millrace::cli {

// An option that takes one of `choices`; anything else is an error with the nearest.
CLI::Option* add_choice_option(CLI::App& app, const std::string& names, std::string& value,
                               const std::vector<std::string>& choices, const std::string& help);

// An option that takes a whole number from 0 to `most`.
void add_count_option(CLI::App& app, const std::string& names, int& value, int most, const std::string& help);

// --format
void add_format_option(CLI::App& app, std::string& format, const std::vector<std::string>& offered);

struct ModelOptions {
  std::string model;         // folder, file or Hub name
  std::string weights = {};  // empty: as the file has them
  int threads = 0;           // 0: all that the process may use
};
// --model (required unless options.model has a default), --weights, --threads.
void add_model_options(CLI::App& app, ModelOptions& options);
void add_weights_option(CLI::App& app, std::string& weights);
void add_threads_option(CLI::App& app, int& threads);
// None for an empty name.
std::optional<kernels::WeightType> weight_type(const std::string& name);

// --stats: PipelineRun::stats.
void add_stats_option(CLI::App& app, bool& stats);

// --set NAME=VALUE, any number of times.
void add_set_option(CLI::App& app, std::vector<std::string>& settings);

struct Loudness {
  bool quiet = false, verbose = false;

  // Sets what is logged and whether progress shows.
  void apply(Console& console) const;
};
// --quiet and --verbose.
void add_loudness_options(CLI::App& app, Loudness& loudness);

}  // namespace millrace::cli
