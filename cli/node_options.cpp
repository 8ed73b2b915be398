#include "cli/node_options.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "graph/check/bind.h"
#include "graph/param_value.h"

namespace millrace::cli {
namespace {

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

// As a command line would say it.
std::string shown_default(const ParamInfo& param) {
  if (const auto* text = std::get_if<std::string>(&param.default_value.value)) return *text;
  std::string yaml = to_yaml(param.default_value);
  return yaml.starts_with('[') ? yaml.substr(1, yaml.size() - 2) : yaml;
}

}  // namespace

void add_node_options(CLI::App& app, const NodeOptions& options, NodeSettings& settings) {
  for (const ParamInfo& param : options.node.params) {
    if (param.required || std::ranges::count(options.except, param.name) > 0) continue;
    const std::string setting = options.name + "." + param.name, name = options.prefix + dashed(param.name);
    if (param.type.kind == ParamKind::boolean) {
      app.add_flag_function(
             fmt::format("--{0},!--no-{0}", name),
             [&settings, setting](int64_t count) { settings[setting] = count > 0 ? "true" : "false"; },
             param.help)
          ->default_str(param.default_value == ParamValue{true} ? "on" : "off");
      continue;
    }
    app.add_option_function<std::string>(
           "--" + name, [&settings, setting](const std::string& text) { settings[setting] = text; },
           param.help)
        ->type_name(param.choices.empty() ? to_string(param.type)
                                          : fmt::format("{}", fmt::join(param.choices, "|")))
        ->default_str(shown_default(param))
        ->check([param](const std::string& text) { return fault_of_text(text, param); });
  }
}

}  // namespace millrace::cli
