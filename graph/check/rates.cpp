#include "graph/check/rates.h"

#include <fmt/core.h>

#include <string>

namespace millrace {
namespace {

int rate_of(const std::vector<CheckedNode>& nodes, PortSource source) {
  if (!source.from_node()) return kItemRate;
  return nodes[static_cast<size_t>(source.node)].rates.at(static_cast<size_t>(source.port));
}

}  // namespace

void assign_rates(std::vector<CheckedNode>& nodes, const std::vector<int>& order, Diagnostics& faults) {
  std::vector<std::string> origins = {"once per item"};
  const auto start = [&](std::string origin) {
    origins.push_back(std::move(origin));
    return static_cast<int>(origins.size()) - 1;
  };
  for (const int index : order) {
    CheckedNode& node = nodes[static_cast<size_t>(index)];
    int rate = kItemRate;
    size_t decided_by = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.type->inputs[i].role == PortRole::feedback) continue;
      const int of_input = rate_of(nodes, node.inputs[i]);
      if (of_input == kItemRate || of_input == rate) continue;
      if (rate == kItemRate) {
        rate = of_input;
        decided_by = i;
        continue;
      }
      const auto origin = [&](int of) { return origins[static_cast<size_t>(of)]; };
      faults.error(
          node.place,
          fmt::format(
              "the inputs '{}' and '{}' of '{}' ({}) do not come in step: '{}' comes {}, '{}' comes {}",
              node.type->inputs[decided_by].name, node.type->inputs[i].name, node.name, node.type->type,
              node.type->inputs[decided_by].name, origin(rate), node.type->inputs[i].name, origin(of_input)),
          "inputs join when they stem one to one from the same node, or come once per item");
      break;
    }
    const bool keeps = node.type->form == NodeForm::map;
    int own = -1;
    node.rates.clear();
    for (const PortInfo& port : node.type->outputs) {
      if (port.role == PortRole::optional) {
        node.rates.push_back(start(fmt::format("as '{}.{}' is made", node.name, port.name)));
      } else if (keeps) {
        node.rates.push_back(rate);
      } else {
        if (own < 0) own = start(fmt::format("as '{}' makes it", node.name));
        node.rates.push_back(own);
      }
    }
  }
}

}  // namespace millrace
