#include "graph/check/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "graph/check/bind.h"
#include "graph/check/order.h"
#include "graph/check/rates.h"
#include "graph/check/unfold.h"
#include "graph/check/wiring.h"

namespace millrace {
namespace {

void report_unused_parameters(const Scope& scope, Diagnostics& faults) {
  for (const auto& [name, bound] : scope.parameters)
    if (!bound.used)
      faults.warning(bound.decl->name.place, fmt::format("nothing uses the parameter '{}'", name));
  for (const auto& [name, inner] : scope.included) report_unused_parameters(*inner, faults);
}

void check_has_results(const Unfolded& unfolded, Diagnostics& faults) {
  const Pipeline& pipeline = *unfolded.root->pipeline;
  if (!pipeline.outputs.empty()) return;
  for (const FlatNode& node : unfolded.nodes)
    if (!node.type || node.type->outputs.empty()) return;
  faults.error({pipeline.source, 1, 1, 1}, "the pipeline has no result: it needs 'outputs'");
}

// The values called NODE.SETTING, by node. An unknown node is Error(usage).
std::map<std::string, std::vector<Override>> find_overrides(const Unfolded& unfolded,
                                                            const CheckOptions& options) {
  std::vector<std::string> known;
  for (const FlatNode& node : unfolded.nodes) known.push_back(node.name);
  std::map<std::string, std::vector<Override>> overrides;
  for (const auto& [name, text] : options.values) {
    const size_t dot = name.rfind('.');
    if (dot == std::string::npos) continue;
    const std::string node = name.substr(0, dot);
    if (std::find(known.begin(), known.end(), node) == known.end())
      fail(ErrorKind::usage, "the pipeline '{}' has no node '{}'{}", unfolded.root->pipeline->name, node,
           did_you_mean(node, known));
    const auto source = std::make_shared<SourceText>();
    source->name = fmt::format("--set {}={}", name, text);
    overrides[node].push_back({name.substr(dot + 1), text, {source, 0, 0, 0}});
  }
  return overrides;
}

std::vector<CheckedParameter> list_parameters(const Scope& root) {
  std::vector<CheckedParameter> all;
  for (const ParameterDecl& decl : root.pipeline->parameters) {
    const BoundParameter& bound = root.parameters.at(decl.name.text);
    all.push_back(
        {decl.name.text, decl.help, decl.type, bound.value.has_value(), bound.value.value_or(ParamValue{})});
  }
  return all;
}

// Puts the useful nodes in order and renumbers what refers to them.
void arrange(CheckedPipeline& pipeline, const std::vector<int>& order) {
  const std::vector<bool> useful = find_useful(pipeline.nodes, pipeline.outputs);
  std::vector<int> place(pipeline.nodes.size(), PortSource::kUnwired);
  std::vector<CheckedNode> nodes;
  for (const int index : order)
    if (useful[static_cast<size_t>(index)]) {
      place[static_cast<size_t>(index)] = static_cast<int>(nodes.size());
      nodes.push_back(std::move(pipeline.nodes[static_cast<size_t>(index)]));
    }
  const auto renumber = [&](PortSource& source) {
    if (source.from_node()) source.node = place[static_cast<size_t>(source.node)];
  };
  for (CheckedNode& node : nodes)
    for (PortSource& source : node.inputs) renumber(source);
  for (CheckedOutput& output : pipeline.outputs) renumber(output.from);
  pipeline.nodes = std::move(nodes);
}

}  // namespace

CheckedPipeline check_pipeline(const std::shared_ptr<const SourceText>& source, const Registry& registry,
                               const PipelineLibrary& library, const CheckOptions& options) {
  Diagnostics faults;
  const Unfolded unfolded = unfold(source, registry, library, options, faults);
  const Pipeline& outermost = *unfolded.root->pipeline;
  CheckedPipeline checked{.name = outermost.name,
                          .description = outermost.description,
                          .parameters = list_parameters(*unfolded.root),
                          .inputs = options.inputs,
                          .nodes = {},
                          .outputs = {},
                          .warnings = {}};
  Wiring wiring(unfolded, options.inputs, registry, faults);
  auto overrides = find_overrides(unfolded, options);
  bool all_known = true;
  for (const FlatNode& node : unfolded.nodes) {
    all_known &= node.type != nullptr;
    if (!node.type) continue;
    CheckedNode one{.name = node.name,
                    .type = node.type,
                    .settings = {},
                    .properties = {},
                    .inputs = {},
                    .rates = {},
                    .place = node.decl->name.place};
    bind_settings(node, overrides[node.name], one, faults);
    one.inputs = wiring.wire(node);
    checked.nodes.push_back(std::move(one));
  }
  for (const OutputDecl& output : outermost.outputs) checked.outputs.push_back(wiring.output(output));
  if (!outermost.nodes.empty() || !outermost.outputs.empty()) {
    wiring.report_unused_nodes();
    check_has_results(unfolded, faults);
  } else if (!faults.has_errors()) {
    faults.error({source, 1, 1, 1}, "the pipeline has no nodes");
  }
  // What follows numbers nodes, so all of them have to be there.
  if (all_known) {
    const std::vector<int> order = sort_nodes(checked.nodes, faults);
    if (order.size() == checked.nodes.size()) {
      assign_rates(checked.nodes, order, faults);
      check_feedback(checked.nodes, faults);
      if (!options.outputs.empty())
        std::erase_if(checked.outputs, [&](const CheckedOutput& output) {
          return std::ranges::find(options.outputs, output.name) == options.outputs.end();
        });
      if (!faults.has_errors()) arrange(checked, order);
    }
  }
  report_unused_parameters(*unfolded.root, faults);
  faults.throw_errors();
  checked.warnings = faults.render_warnings();
  return checked;
}

}  // namespace millrace
