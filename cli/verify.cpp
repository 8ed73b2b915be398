#include "cli/verify.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "cli/thread_limit.h"
#include "models/store/store.h"

namespace millrace::cli {
namespace {

struct Options {
  ModelOptions model;
  std::string reference, format = "text";
  VerifyOptions check;
  Loudness loudness;
};

std::string to_text(const VerifiedResult& result) {
  const std::string method =
      result.case_name.empty() ? result.method : result.method + "@" + result.case_name;
  const std::string error = std::isfinite(result.error) ? fmt::format("error {:.2e}", result.error) : "";
  return fmt::format("{:<4}  {} {}: {}{}{}", result.passed ? "ok" : "FAIL", method, result.result, error,
                     error.empty() || result.why.empty() ? "" : "; ", result.why);
}

std::string to_json(const VerifiedResult& result, double tolerance) {
  nlohmann::ordered_json json = {{"method", result.method}};
  if (!result.case_name.empty()) json["case"] = result.case_name;
  json["result"] = result.result;
  json["ok"] = result.passed;
  json["shape"] = result.shape;
  json["error"] = std::isfinite(result.error) ? nlohmann::ordered_json(result.error) : nullptr;
  json["max_error"] = std::isfinite(result.max_error) ? nlohmann::ordered_json(result.max_error) : nullptr;
  if (!result.why.empty()) json["why"] = result.why;
  json["tolerance"] = tolerance;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int verify(const Options& options, Console& console) {
  options.loudness.apply(console);
  const ThreadLimit limit(options.model.threads);
  const auto folder = ModelStore().resolve(options.model.model, pull_options(console));
  const auto cases = read_reference(options.reference);
  const LoadedModel model =
      load_model(folder.string(),
                 {.weights = weight_type(options.model.weights).value_or(kernels::WeightType::float32)});
  bool all = true;
  millrace::verify(*model.methods, cases, options.check, [&](const VerifiedResult& result) {
    console.interrupts.stop.check();
    all = all && result.passed;
    console.out.line(options.format == "json" ? to_json(result, options.check.tolerance) : to_text(result));
  });
  return all ? 0 : 1;
}

}  // namespace

Subcommand add_verify_command(CLI::App& parent) {
  CLI::App* app =
      add_subcommand(parent, "verify", "runs a reference through a model and prints the errors",
                     "millrace verify ./whisper-tiny reference.safetensors\n"
                     "millrace verify ./whisper-tiny reference.safetensors --method encoder --format json");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model.model, "a folder, a file or a Hub name")->required();
  app->add_option("REFERENCE", options->reference,
                  "a safetensors file of in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT")
      ->required();
  app->add_option("--rtol", options->check.tolerance,
                  "most error, as a share of the result's largest magnitude")
      ->type_name("R")
      ->check(CLI::NonNegativeNumber)
      ->default_str("1e-4");
  app->add_option("--method", options->check.method, "only this method")->type_name("NAME");
  add_weights_option(*app, options->model.weights);
  add_threads_option(*app, options->model.threads);
  add_format_option(*app, options->format, {"text", "json"});
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return verify(*options, console); }};
}

}  // namespace millrace::cli
