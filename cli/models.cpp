#include "cli/models.h"

#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "cli/pull_progress_line.h"
#include "cli/shared_options.h"
#include "models/store/store.h"

namespace millrace::cli {
namespace {

struct Options {
  std::vector<std::string> names;
  std::string format = "text";
  Loudness loudness;
};

int pull(const Options& options, Console& console) {
  options.loudness.apply(console);
  const ModelStore store;
  for (const std::string& name : options.names)
    console.out.line(store.pull(name, pull_options(console)).string());
  return 0;
}

std::string origin(const StoredModel& model) { return model.from_mirror ? "mirror" : "hub"; }

nlohmann::ordered_json to_json(const StoredModel& model) {
  return {{"name", model.name},     {"revision", model.revision}, {"folder", model.folder.string()},
          {"format", model.format}, {"bytes", model.bytes},       {"from", origin(model)}};
}

int list(const Options& options, Console& console) {
  const auto models = ModelStore().list();
  if (models.empty())
    log::info("there are none yet; 'millrace models pull openai/whisper-base' brings one here");
  size_t width = 0;
  for (const StoredModel& model : models) width = std::max(width, model.name.size());
  for (const StoredModel& model : models) {
    if (options.format == "json") {
      console.out.line(to_json(model).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    } else {
      console.out.line(fmt::format("{:<{}}  {:<12} {:>9}  {}", model.name, width,
                                   model.format.empty() ? "incomplete" : model.format,
                                   show_bytes(model.bytes), origin(model)));
    }
  }
  return 0;
}

void show_text(const ModelDetails& details, Output& out) {
  const auto row = [&](const char* what, const std::string& value) {
    if (!value.empty()) out.line(fmt::format("{:<13} {}", what, value));
  };
  row("name", details.model.name);
  row("revision", details.model.revision);
  row("folder", details.model.folder.string());
  row("from", origin(details.model));
  row("format", details.model.format.empty() ? "incomplete" : details.model.format);
  row("architecture", details.architecture);
  row("license", details.license);
  if (details.parameters > 0)
    row("parameters", fmt::format("{:.1f} million", double(details.parameters) / 1e6));
  for (const auto& [type, count] : details.types)
    row("", fmt::format("{:<10} {:.1f} million", type, double(count) / 1e6));
  row("size", show_bytes(details.model.bytes));
  for (const auto& [path, bytes] : details.files) row("", fmt::format("{:>9}  {}", show_bytes(bytes), path));
}

int show(const Options& options, Console& console) {
  for (const std::string& name : options.names) {
    const ModelDetails details = ModelStore().show(name);
    if (options.format == "text") {
      show_text(details, console.out);
      continue;
    }
    auto json = to_json(details.model);
    json["architecture"] = details.architecture;
    json["license"] = details.license;
    json["parameters"] = details.parameters;
    json["types"] = details.types;
    for (const auto& [path, bytes] : details.files)
      json["files"].push_back({{"path", path}, {"bytes", bytes}});
    console.out.line(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return 0;
}

int remove(const Options& options, Console& console) {
  const ModelStore store;
  for (const std::string& name : options.names)
    console.out.line(fmt::format("{}: {} came free", name, show_bytes(store.remove(name))));
  return 0;
}

using Run = int (*)(const Options&, Console&);

Subcommand add(CLI::App& parent, Run run, const char* name, const char* summary, const char* examples) {
  CLI::App* app = add_subcommand(parent, name, summary, examples);
  const auto options = std::make_shared<Options>();
  if (run != &list) app->add_option("NAME", options->names, "a model's name on the Hub")->required();
  if (run == &list || run == &show) add_format_option(*app, options->format, {"text", "json"});
  if (run == &pull) add_loudness_options(*app, options->loudness);
  return {app, [options, run](Console& console) { return run(*options, console); }};
}

}  // namespace

std::vector<Subcommand> add_models_command(CLI::App& parent) {
  CLI::App* app = add_subcommand(parent, "models", "fetches, lists, shows and removes models",
                                 "millrace models pull openai/whisper-base\nmillrace models list");
  return {
      add(*app, &pull, "pull", "brings models up to date from the Hub; prints their folders",
          "millrace models pull openai/whisper-base"),
      add(*app, &list, "list", "lists the models on this machine", "millrace models list"),
      add(*app, &show, "show", "says what a model on this machine is",
          "millrace models show openai/whisper-base"),
      add(*app, &remove, "rm", "removes models from this machine", "millrace models rm openai/whisper-base")};
}

}  // namespace millrace::cli
