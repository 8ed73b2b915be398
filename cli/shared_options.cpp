#include "cli/shared_options.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "base/suggest.h"

namespace millrace::cli {
namespace {

using kernels::WeightType;
constexpr WeightType kWeightTypes[] = {WeightType::float32, WeightType::bfloat16, WeightType::int8,
                                       WeightType::int4};

}  // namespace

CLI::Option* add_choice_option(CLI::App& app, const std::string& names, std::string& value,
                               const std::vector<std::string>& choices, const std::string& help) {
  CLI::Option* option = app.add_option(names, value, help);
  option->type_name(fmt::format("{}", fmt::join(choices, "|")))->default_str(value);
  option->check([choices](const std::string& given) -> std::string {
    if (std::find(choices.begin(), choices.end(), given) != choices.end()) return {};
    return fmt::format("'{}' is none of {}{}", given, fmt::join(choices, ", "), did_you_mean(given, choices));
  });
  return option;
}

void add_count_option(CLI::App& app, const std::string& names, int& value, int most,
                      const std::string& help) {
  app.add_option(names, value, help)
      ->type_name("N")
      ->default_str(std::to_string(value))
      ->check([most](const std::string& given) -> std::string {
        int number = -1;
        const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
        const bool whole = error == std::errc() && end == given.data() + given.size();
        return whole && number >= 0 && number <= most
                   ? std::string()
                   : fmt::format("'{}' is no whole number from 0 to {}", given, most);
      });
}

void add_format_option(CLI::App& app, std::string& format, const std::vector<std::string>& offered) {
  add_choice_option(app, "--format", format, offered, "how results are printed");
}

void add_weights_option(CLI::App& app, std::string& weights) {
  std::vector<std::string> names;
  for (const auto type : kWeightTypes) names.emplace_back(kernels::name_of(type));
  add_choice_option(app, "--weights", weights, names,
                    "how weights are held in memory; without it float32, but what a GGUF file has quantised "
                    "stays so");
}

std::optional<kernels::WeightType> weight_type(const std::string& name) {
  if (name.empty()) return std::nullopt;
  for (const auto type : kWeightTypes)
    if (kernels::name_of(type) == name) return type;
  fail(ErrorKind::usage, "unknown type of weights '{}'", name);
}

void add_threads_option(CLI::App& app, int& threads) {
  add_count_option(app, "--threads", threads, 1024, "computing threads; 0: all that the process may use");
}

void add_model_options(CLI::App& app, ModelOptions& options) {
  CLI::Option* model = app.add_option("--model", options.model, "a folder, a file or a Hub name");
  model->type_name("MODEL");
  options.model.empty() ? model->required() : model->default_str(options.model);
  add_weights_option(app, options.weights);
  add_threads_option(app, options.threads);
}

void add_stats_option(CLI::App& app, bool& stats) {
  app.add_flag("--stats", stats,
               "shows on standard error what each node does: calls, queue, latency, losses, busy share");
}

void add_set_option(CLI::App& app, std::vector<std::string>& settings) {
  app.add_option("--set", settings, "a parameter of the pipeline, or NODE.SETTING of one of its nodes")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void Loudness::apply(Console& console) const {
  if (verbose) log::set_level(log::Level::debug);
  if (quiet) log::set_level(log::Level::error);
  console.progress.enable(!quiet);
  console.interrupts.announce = console.progress.enabled();
}

void add_loudness_options(CLI::App& app, Loudness& loudness) {
  CLI::Option* quiet = app.add_flag("-q,--quiet", loudness.quiet, "errors alone on standard error");
  app.add_flag("-v,--verbose", loudness.verbose, "more on standard error")->excludes(quiet);
}

}  // namespace millrace::cli
