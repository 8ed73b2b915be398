#include "graph/describe.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "graph/check/properties.h"

namespace millrace {
namespace {

// Rows with their first columns aligned.
std::string align(const std::vector<std::vector<std::string>>& rows, std::string_view indent) {
  std::vector<size_t> widths;
  for (const auto& row : rows)
    for (size_t i = 0; i + 1 < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent);
    for (size_t i = 0; i < row.size(); ++i)
      line += i + 1 < row.size() ? fmt::format("{:<{}}  ", row[i], widths[i]) : row[i];
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  return text;
}

std::string default_of(const ParamInfo& param) {
  return param.required ? "required" : to_yaml(param.default_value);
}

std::string range_of(const ParamInfo& param) {
  std::string range = describe_range(param);
  if (!param.unit.empty()) range += (range.empty() ? "" : " ") + param.unit;
  return range;
}

std::string role_of(const PortInfo& port, bool output) {
  switch (port.role) {
    case PortRole::required:
      return "";
    case PortRole::optional:
      return output ? "not in every call" : "optional";
    case PortRole::feedback:
      return "feedback";
  }
  return "";
}

std::string behaviour_of(const NodeType& type) {
  std::string text;
  switch (type.form) {
    case NodeForm::map:
      text = "one result per input";
      break;
    case NodeForm::expand:
      text = "none or many results per input";
      break;
    case NodeForm::stateful:
      text = "none or many results per input, remembers its stream";
      break;
    case NodeForm::generator:
      text = "many results per input, made as they are wanted";
      break;
  }
  if (type.takes_batches) text += "; gains from batch";
  if (type.blocking) text += "; waits for devices, files or people";
  return text;
}

void add_ports(std::vector<std::vector<std::string>>& rows, const std::vector<PortInfo>& ports, bool output) {
  for (const PortInfo& port : ports) {
    const std::string role = role_of(port, output);
    rows.push_back({port.name, std::string(port.type->name),
                    port.help + (role.empty() ? "" : fmt::format(" ({})", role))});
  }
}

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|')
      out += "\\|";
    else
      out += c;
  }
  return out;
}

std::string code(std::string_view text) { return text.empty() ? "" : fmt::format("`{}`", cell(text)); }

void add_param_table(std::string& text, const std::vector<ParamInfo>& params) {
  text += "| parameter | type | default | range | |\n| --- | --- | --- | --- | --- |\n";
  for (const ParamInfo& p : params)
    text += fmt::format("| {} | {} | {} | {} | {} |\n", code(p.name), to_string(p.type),
                        p.required ? "required" : code(default_of(p)), cell(range_of(p)), cell(p.help));
}

}  // namespace

std::string list_nodes(const Registry& registry) {
  std::vector<std::vector<std::string>> rows;
  for (const NodeType* type : registry.all()) rows.push_back({type->type, type->help});
  return align(rows, "");
}

std::string example_yaml(const NodeType& type) {
  const std::string name = type.type.substr(type.type.find('.') + 1);
  std::string text = fmt::format("{}:\n  type: {}\n", name, type.type);
  const auto wires = [&](std::string_view key, bool feedback) {
    std::string all;
    for (const PortInfo& port : type.inputs)
      if ((port.role == PortRole::feedback) == feedback)
        all += fmt::format("{}{}: NODE.{}", all.empty() ? "" : ", ", port.name, port.name);
    if (!all.empty()) text += fmt::format("  {}: {{{}}}\n", key, all);
  };
  wires("inputs", false);
  wires("feedback", true);
  for (const ParamInfo& param : type.params)
    text += fmt::format("  {}: {}\n", param.name,
                        param.required ? fmt::format("${}", param.name) : to_yaml(param.default_value));
  return text;
}

std::string describe_node(const NodeType& type) {
  std::string text = fmt::format("{}: {}\n({})\n", type.type, type.help, behaviour_of(type));
  std::vector<std::vector<std::string>> rows;
  const auto section = [&](std::string_view title) {
    if (!rows.empty()) text += fmt::format("\n{}\n{}", title, align(rows, "  "));
    rows.clear();
  };
  add_ports(rows, type.inputs, false);
  section("inputs");
  add_ports(rows, type.outputs, true);
  section("outputs");
  for (const ParamInfo& param : type.params)
    rows.push_back({param.name, to_string(param.type), default_of(param), range_of(param), param.help});
  section("parameters (name, type, default, range)");
  text += "\nin a pipeline\n";
  const std::string example = example_yaml(type);
  for (size_t at = 0; at < example.size();) {
    const size_t end = example.find('\n', at);
    text += fmt::format("  {}\n", example.substr(at, end - at));
    at = end + 1;
  }
  return text;
}

std::string nodes_markdown(const Registry& registry) {
  std::string text =
      "# Nodes\n\nWhat a pipeline may name, made from the nodes' contracts by `millrace nodes --format "
      "markdown`; a "
      "test\nkeeps it so. [pipelines.md](pipelines.md) says how a pipeline puts them together.\n";
  std::string domain;
  for (const NodeType* type : registry.all()) {
    const std::string own = type->type.substr(0, type->type.find('.'));
    if (own != domain) text += fmt::format("\n## {}\n", domain = own);
    text += fmt::format("\n### {}\n\n{} ({})\n\n", type->type, type->help, behaviour_of(*type));
    if (!type->inputs.empty() || !type->outputs.empty()) {
      text += "| port | | packets | |\n| --- | --- | --- | --- |\n";
      for (const bool output : {false, true})
        for (const PortInfo& port : output ? type->outputs : type->inputs) {
          const std::string role = role_of(port, output);
          text += fmt::format("| {} | {}{} | {} | {} |\n", code(port.name), output ? "output" : "input",
                              role.empty() ? "" : ", " + role, code(port.type->name), cell(port.help));
        }
      text += "\n";
    }
    if (!type->params.empty()) {
      add_param_table(text, type->params);
      text += "\n";
    }
    text += fmt::format("```yaml\n{}```\n", example_yaml(*type));
  }
  text += "\n## Properties of any node\n\n";
  add_param_table(text, property_infos());
  return text;
}

}  // namespace millrace
