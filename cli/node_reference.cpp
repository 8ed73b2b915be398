#include "cli/node_reference.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace millrace::cli {
namespace {

using Row = std::vector<std::string>;

std::string aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line = " ";
    for (size_t i = 0; i < row.size(); ++i) line += fmt::format(" {:<{}}", row[i], widths[i] + 1);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
  return out;
}

std::string markdown(const Row& head, const std::vector<Row>& rows) {
  const auto line = [](const Row& row) {
    std::string text = "|";
    for (std::string cell : row) {
      for (size_t at = 0; (at = cell.find('|', at)) != std::string::npos; at += 2) cell.insert(at, "\\");
      text += fmt::format(" {} |", cell);
    }
    return text + '\n';
  };
  std::string out = line(head) + line(Row(head.size(), "---"));
  for (const Row& row : rows) out += line(row);
  return out;
}

std::string role_of(const PortInfo& port) {
  switch (port.role) {
    case PortRole::required:
      return {};
    case PortRole::optional:
      return "optional";
    case PortRole::feedback:
      return "feedback";
  }
  return {};
}

std::string with_role(const PortInfo& port) {
  const std::string role = role_of(port);
  return role.empty() ? port.help : role + "; " + port.help;
}

std::string default_of(const ParamInfo& param) {
  return param.required ? "required" : to_yaml(param.default_value);
}

std::string range_of(const ParamInfo& param) {
  const std::string range = describe_range(param);
  if (range.empty()) return param.unit;
  return param.unit.empty() ? range : range + " " + param.unit;
}

std::string traits_of(const NodeType& node) {
  std::string text;
  switch (node.form) {
    case NodeForm::map:
      text = "One packet out per packet in";
      break;
    case NodeForm::expand:
      text = "None or many packets out per packet in";
      break;
    case NodeForm::stateful:
      text = "Keeps a state per item; none or many packets out per packet in";
      break;
    case NodeForm::generator:
      text = "Makes its packets as there is room for them downstream";
      break;
  }
  if (node.takes_batches) text += "; gains from `batch`";
  if (node.blocking) text += "; waits on a thread of its own";
  return text + ".";
}

std::vector<Row> port_rows(const std::vector<PortInfo>& ports) {
  std::vector<Row> rows;
  for (const PortInfo& port : ports)
    rows.push_back({port.name, std::string(port.type->name), with_role(port)});
  return rows;
}

std::vector<Row> param_rows(const NodeType& node) {
  std::vector<Row> rows;
  for (const ParamInfo& param : node.params)
    rows.push_back({param.name, to_string(param.type), default_of(param), range_of(param), param.help});
  return rows;
}

// A line to paste into a pipeline, with what has to be filled in.
std::string pasteable(const NodeType& node) {
  std::string inputs, feedback, params;
  for (const PortInfo& port : node.inputs) {
    std::string& to = port.role == PortRole::feedback ? feedback : inputs;
    if (port.role != PortRole::optional)
      to += fmt::format("{}{}: NODE.PORT", to.empty() ? "" : ", ", port.name);
  }
  for (const ParamInfo& param : node.params)
    if (param.required) params += fmt::format(", {}: VALUE", param.name);
  if (!feedback.empty()) feedback = fmt::format(", feedback: {{{}}}", feedback);
  return fmt::format("NAME: {{type: {}, inputs: {{{}}}{}{}}}", node.type, inputs, feedback, params);
}

}  // namespace

std::string describe_node(const NodeType& node) {
  std::string out =
      fmt::format("{}\n{}\n{}\n\n  {}\n", node.type, node.help, traits_of(node), pasteable(node));
  if (!node.inputs.empty()) out += "\nInputs:\n" + aligned(port_rows(node.inputs));
  if (!node.params.empty()) out += "\nParameters (type, default, range):\n" + aligned(param_rows(node));
  if (!node.outputs.empty()) out += "\nOutputs:\n" + aligned(port_rows(node.outputs));
  return out;
}

nlohmann::ordered_json node_to_json(const NodeType& node) {
  using Json = nlohmann::ordered_json;
  const auto ports = [](const std::vector<PortInfo>& all) {
    Json list = Json::array();
    for (const PortInfo& port : all)
      list.push_back({{"name", port.name},
                      {"type", port.type->name},
                      {"role", role_of(port).empty() ? "required" : role_of(port)},
                      {"help", port.help}});
    return list;
  };
  Json params = Json::array();
  for (const ParamInfo& param : node.params)
    params.push_back({{"name", param.name},
                      {"type", to_string(param.type)},
                      {"default", default_of(param)},
                      {"range", range_of(param)},
                      {"help", param.help}});
  return {{"type", node.type},          {"help", node.help},
          {"form", name_of(node.form)}, {"batches", node.takes_batches},
          {"blocking", node.blocking},  {"inputs", ports(node.inputs)},
          {"params", params},           {"outputs", ports(node.outputs)}};
}

std::string node_reference(const Registry& registry) {
  std::string out =
      "# Node types\n\n"
      "What a pipeline may name, from the contracts of the nodes (`millrace nodes NAME` prints the same). "
      "Made by\n"
      "tools/update_docs.sh; a test compares.\n";
  for (const NodeType* node : registry.all()) {
    out += fmt::format("\n## {}\n\n{}\n{}\n\n```yaml\n{}\n```\n", node->type, node->help, traits_of(*node),
                       pasteable(*node));
    if (!node->inputs.empty()) out += "\n" + markdown({"input", "type", ""}, port_rows(node->inputs));
    if (!node->params.empty())
      out += "\n" + markdown({"parameter", "type", "default", "range", ""}, param_rows(*node));
    if (!node->outputs.empty()) out += "\n" + markdown({"output", "type", ""}, port_rows(node->outputs));
  }
  return out;
}

}  // namespace millrace::cli
