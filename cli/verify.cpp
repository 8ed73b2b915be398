#include "cli/verify.h"

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "backends/loaded_model.h"
#include "backends/reference_check.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "cli/thread_limit.h"
#include "models/store/store.h"

namespace millrace::cli {
namespace {

struct Options {
  ModelOptions model;
  std::string reference, format = "text";
  ReferenceOptions check;
  Loudness loudness;
};

std::shared_ptr<const Checkpoint> open_reference(const std::string& path) {
  try {
    return open_checkpoint(path);
  } catch (const Error& error) {  // a damaged reference is no fault of the model
    if (error.kind() != ErrorKind::model) throw;
    throw Error(ErrorKind::input, error.message(), error.where());
  }
}

std::string to_text(const ReferenceResult& result) {
  const std::string method = result.case_name.empty() ? result.method : result.method + "@" + result.case_name;
  const std::string error = result.fault.empty() ? fmt::format("error {:.3g}", result.error) : result.fault;
  return fmt::format("{:<4}  {} {}: {}", result.within ? "ok" : "FAIL", method, result.result, error);
}

std::string to_json(const ReferenceResult& result, double tolerance) {
  nlohmann::ordered_json json = {{"method", result.method}};
  if (!result.case_name.empty()) json["case"] = result.case_name;
  json["result"] = result.result;
  json["ok"] = result.within;
  if (result.fault.empty())
    json["error"] = std::isfinite(result.error) ? nlohmann::ordered_json(result.error) : nullptr;
  else
    json["fault"] = result.fault;
  json["tolerance"] = tolerance;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

int verify(const Options& options, Console& console) {
  options.loudness.apply(console);
  const ThreadLimit limit(options.model.threads);
  const auto folder = ModelStore().resolve(options.model.model, pull_options(console));
  const auto reference = open_reference(options.reference);
  const LoadedModel model = load_model(folder.string(), {.weights = weight_type(options.model.weights)});
  bool all = true;
  check_reference(*model.methods, *reference, options.check, [&](const ReferenceResult& result) {
    console.interrupts.stop.check();
    all = all && result.within;
    console.out.line(options.format == "json" ? to_json(result, options.check.tolerance) : to_text(result));
  });
  return all ? 0 : 1;
}

}  // namespace

Subcommand add_verify_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "verify", "runs a reference through a model and prints the errors",
                                 "millrace verify ./whisper-tiny reference.safetensors\n"
                                 "millrace verify ./whisper-tiny reference.safetensors --method encoder --format json");
  const auto options = std::make_shared<Options>();
  app->add_option("MODEL", options->model.model, "a folder, a file or a Hub name")->required();
  app->add_option("REFERENCE", options->reference,
                  "a safetensors file of in.METHOD[@CASE].ARGUMENT and out.METHOD[@CASE].RESULT")
      ->required();
  app->add_option("--rtol", options->check.tolerance, "most error, as a share of the result's largest magnitude")
      ->type_name("R")
      ->check(CLI::NonNegativeNumber)
      ->default_str("1e-4");
  app->add_option("--method", options->check.only_method, "only this method")->type_name("NAME");
  add_weights_option(*app, options->model.weights);
  add_threads_option(*app, options->model.threads);
  add_format_option(*app, options->format, {"text", "json"});
  add_loudness_options(*app, options->loudness);
  return {app, [options](Console& console) { return verify(*options, console); }};
}

}  // namespace millrace::cli
