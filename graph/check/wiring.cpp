#include "graph/check/wiring.h"

#include <fmt/core.h>

#include "base/suggest.h"

namespace millrace {
namespace {

constexpr int kMostSteps = 200;  // from wire to wire through included pipelines

std::vector<std::string> names_of(const std::vector<PortInfo>& ports) {
  std::vector<std::string> names;
  for (const PortInfo& port : ports) names.push_back(port.name);
  return names;
}

std::string list(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += fmt::format("{}'{}'", all.empty() ? "" : ", ", name);
  return all.empty() ? "none" : all;
}

std::string show(const PortRef& from) {
  if (from.is_input()) return from.port.empty() ? "$input" : "$input." + from.port;
  return from.node + "." + from.port;
}

int find_port(const std::vector<PortInfo>& ports, const std::string& name) {
  for (size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return static_cast<int>(i);
  return -1;
}

constexpr PortSource kUnknownSource{PortSource::kUnknown, 0};

}  // namespace

PortSource Wiring::resolve_input(const PortRef& from, Scope& scope, int depth) {
  if (scope.parent) {
    const std::string name = from.port.empty() ? "input" : from.port;
    for (const Wire& wire : scope.use->inputs)
      if (wire.input.text == name) return resolve(wire.from, *scope.parent, depth + 1);
    faults_.error(scope.use->name.place, fmt::format("'{}' needs the input '{}' of the pipeline '{}'",
                                                     scope.use->name.text, name, scope.use->type.text));
    return kUnknownSource;
  }
  std::vector<std::string> known;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].name == from.port) return {PortSource::kPipelineInput, static_cast<int>(i)};
    known.push_back(inputs_[i].name.empty() ? "$input" : "$input." + inputs_[i].name);
  }
  faults_.error(from.place, fmt::format("an item has no '{}'{}", show(from), did_you_mean(show(from), known)),
                fmt::format("it has: {}", list(known)));
  return kUnknownSource;
}

PortSource Wiring::resolve(const PortRef& from, Scope& scope, int depth) {
  if (depth > kMostSteps) {
    faults_.error(from.place, fmt::format("'{}' leads back to itself without passing a node", show(from)));
    return kUnknownSource;
  }
  if (from.faulty) return kUnknownSource;
  if (from.is_input()) return resolve_input(from, scope, depth);
  if (const auto included = scope.included.find(from.node); included != scope.included.end()) {
    Scope& inner = *included->second;
    std::vector<std::string> known;
    for (const OutputDecl& output : inner.pipeline->outputs) {
      if (output.name.text == from.port) return resolve(output.from, inner, depth + 1);
      known.push_back(output.name.text);
    }
    faults_.error(from.place,
                  fmt::format("the pipeline '{}' has no output '{}'{}", inner.use->type.text, from.port,
                              did_you_mean(from.port, known)),
                  fmt::format("it has: {}", list(known)));
    return kUnknownSource;
  }
  const auto found = scope.nodes.find(from.node);
  if (found == scope.nodes.end()) {
    faults_.error(from.place, fmt::format("there is no node '{}'{}", from.node,
                                          did_you_mean(from.node, scope.node_names())));
    return kUnknownSource;
  }
  const NodeType* type = unfolded_.nodes[static_cast<size_t>(found->second)].type;
  if (!type) return kUnknownSource;
  const int port = find_port(type->outputs, from.port);
  if (port >= 0) return {found->second, port};
  const std::vector<std::string> known = names_of(type->outputs);
  faults_.error(from.place,
                fmt::format("'{}' ({}) has no output '{}'{}", from.node, type->type, from.port,
                            did_you_mean(from.port, known)),
                fmt::format("it has: {}", list(known)));
  return kUnknownSource;
}

const PacketType* Wiring::type_of(PortSource source) const {
  if (source.from_node())
    return unfolded_.nodes[static_cast<size_t>(source.node)]
        .type->outputs[static_cast<size_t>(source.port)]
        .type;
  return inputs_[static_cast<size_t>(source.port)].type;
}

void Wiring::check_types(const Wire& wire, const FlatNode& node, const PortInfo& port, PortSource source) {
  const PacketType* given = type_of(source);
  if (given == port.type) return;
  const NodeType* converter = registry_.converter(given, port.type);
  faults_.error(
      wire.from.place,
      fmt::format("the input '{}' of '{}' ({}) takes {}, but {} is {}", port.name, node.decl->name.text,
                  node.type->type, port.type->name, show(wire.from), given->name),
      converter
          ? fmt::format("a node of type '{}' makes {} of {}", converter->type, port.type->name, given->name)
          : std::string());
}

void Wiring::connect(const Wire& wire, const FlatNode& node, bool feedback,
                     std::vector<PortSource>& sources) {
  const int port = find_port(node.type->inputs, wire.input.text);
  if (port < 0) {
    const std::vector<std::string> known = names_of(node.type->inputs);
    faults_.error(wire.input.place,
                  fmt::format("{} has no input '{}'{}", node.type->type, wire.input.text,
                              did_you_mean(wire.input.text, known)),
                  fmt::format("it has: {}", list(known)));
    resolve(wire.from, *node.scope, 0);  // its faults are worth telling too
    return;
  }
  const PortInfo& info = node.type->inputs[static_cast<size_t>(port)];
  const PortSource source = resolve(wire.from, *node.scope, 0);
  sources[static_cast<size_t>(port)] = source;
  if (feedback != (info.role == PortRole::feedback))
    faults_.error(wire.input.place,
                  feedback ? fmt::format("the input '{}' of {} takes no feedback: it goes under 'inputs'",
                                         info.name, node.type->type)
                           : fmt::format("the input '{}' of {} is fed back: it goes under 'feedback'",
                                         info.name, node.type->type));
  if (source.node != PortSource::kUnknown) check_types(wire, node, info, source);
}

std::vector<PortSource> Wiring::wire(const FlatNode& node) {
  std::vector<PortSource> sources(node.type->inputs.size());
  for (const Wire& wire : node.decl->inputs) connect(wire, node, false, sources);
  for (const Wire& wire : node.decl->feedback) connect(wire, node, true, sources);
  for (size_t i = 0; i < sources.size(); ++i) {
    const PortInfo& port = node.type->inputs[i];
    const auto named = [&](const std::vector<Wire>& wires) {
      for (const Wire& wire : wires)
        if (wire.input.text == port.name) return true;
      return false;
    };
    if (sources[i].node != PortSource::kUnwired || port.role == PortRole::optional ||
        named(node.decl->inputs))
      continue;
    faults_.error(node.decl->name.place,
                  fmt::format("'{}' ({}) needs {} '{}' ({}): {}", node.decl->name.text, node.type->type,
                              port.role == PortRole::feedback ? "the feedback" : "the input", port.name,
                              port.type->name, port.help));
  }
  return sources;
}

CheckedOutput Wiring::output(const OutputDecl& decl) {
  const PortSource source = resolve(decl.from, *unfolded_.root, 0);
  return {decl.name.text, source, source.node == PortSource::kUnknown ? nullptr : type_of(source)};
}

void Wiring::report_unused_nodes(const Scope& scope) {
  std::set<std::string> used;
  for (const NodeDecl& node : scope.pipeline->nodes) {
    for (const Wire& wire : node.inputs) used.insert(wire.from.node);
    for (const Wire& wire : node.feedback) used.insert(wire.from.node);
  }
  for (const OutputDecl& output : scope.pipeline->outputs) used.insert(output.from.node);
  for (const NodeDecl& node : scope.pipeline->nodes) {
    if (used.contains(node.name.text)) continue;
    const auto flat = scope.nodes.find(node.name.text);
    if (flat != scope.nodes.end()) {
      const NodeType* type = unfolded_.nodes[static_cast<size_t>(flat->second)].type;
      if (!type || type->outputs.empty()) continue;
    }
    faults_.error(node.name.place, fmt::format("nothing uses what '{}' makes", node.name.text),
                  "wire one of its outputs to a node or name it under 'outputs', or take the node out");
  }
  for (const auto& [name, inner] : scope.included) report_unused_nodes(*inner);
}

void Wiring::report_unused_nodes() { report_unused_nodes(*unfolded_.root); }

}  // namespace millrace
