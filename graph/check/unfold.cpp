#include "graph/check/unfold.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "graph/check/bind.h"

namespace millrace {
namespace {

constexpr int kMostIncluded = 16;  // pipelines within each other
constexpr size_t kMostFlatNodes = 2000;

class Unfolder {
 public:
  Unfolder(const Registry& registry, const PipelineLibrary& library, Diagnostics& faults)
      : registry_(registry), library_(library), faults_(faults) {}

  Unfolded run(const std::shared_ptr<const SourceText>& source, const CheckOptions& options) {
    auto root = std::make_unique<Scope>();
    root->pipeline = parse(source);
    bind_outermost(*root, options);
    add_nodes(*root, 0);
    return {std::move(root), std::move(nodes_)};
  }

 private:
  std::shared_ptr<const Pipeline> parse(const std::shared_ptr<const SourceText>& source) {
    auto& parsed = parsed_[source->name];
    if (!parsed) parsed = std::make_shared<const Pipeline>(parse_pipeline(source, faults_));
    return parsed;
  }

  void bind_default(BoundParameter& bound, Scope& scope) {
    const ParameterDecl& decl = *bound.decl;
    bound.place = decl.name.place;
    if (!decl.default_value) return;
    bound.place = decl.default_value->place;
    if (parameter_reference(*decl.default_value)) {
      faults_.error(bound.place, "a parameter's default cannot be another parameter");
      return;
    }
    const YamlNode& node = *decl.default_value;
    if (node.kind == YamlNode::Kind::scalar && !node.quoted && node.text == "null")
      bound.value = ParamValue{};  // leaves every node its own default
    else
      bound.value = bind_value(node, info_of(decl), scope, faults_);
  }

  void bind_outermost(Scope& scope, const CheckOptions& options) {
    std::vector<std::string> known;
    for (const ParameterDecl& decl : scope.pipeline->parameters) {
      known.push_back(decl.name.text);
      BoundParameter bound{&decl, {}, {}, false};
      const auto given = options.values.find(decl.name.text);
      if (given != options.values.end()) {
        const auto source = std::make_shared<SourceText>();
        source->name = fmt::format("--set {}={}", given->first, given->second);
        bound.place = {source, 0, 0, 0};
        bound.value = bind_text(given->second, info_of(decl), bound.place, faults_);
      } else {
        bind_default(bound, scope);
        if (!bound.value && options.need_values && !decl.default_value)
          faults_.error(decl.name.place, fmt::format("the parameter '{}' needs a value", decl.name.text),
                        fmt::format("--set {}=…", decl.name.text));
      }
      scope.parameters.emplace(decl.name.text, std::move(bound));
    }
    for (const auto& [name, value] : options.values)
      if (name.find('.') == std::string::npos)  // else a node's setting
        if (scope.pipeline->parameters.empty() || std::find(known.begin(), known.end(), name) == known.end())
          if (!scope.pipeline->name.empty())
            fail(ErrorKind::usage, "the pipeline '{}' has no parameter '{}'{}", scope.pipeline->name, name,
                 did_you_mean(name, known));
  }

  void bind_included(Scope& scope) {
    const NodeDecl& use = *scope.use;
    std::vector<std::string> known;
    for (const ParameterDecl& decl : scope.pipeline->parameters) {
      known.push_back(decl.name.text);
      BoundParameter bound{&decl, {}, {}, false};
      bool given = false;
      for (const auto& [key, value] : use.settings)
        if (key.text == decl.name.text) {
          given = true;
          bound.place = value.place;
          bound.value = bind_value(value, info_of(decl), *scope.parent, faults_);
        }
      if (!bound.value) bind_default(bound, scope);
      if (!given && !decl.default_value)
        faults_.error(use.name.place,
                      fmt::format("'{}' needs the parameter '{}' ({}) of the pipeline '{}'", use.name.text,
                                  decl.name.text, to_string(decl.type), use.type.text));
      scope.parameters.emplace(decl.name.text, std::move(bound));
    }
    for (const auto& [key, value] : use.settings) {
      if (std::find(known.begin(), known.end(), key.text) != known.end()) continue;
      const auto& properties = property_infos();
      if (std::any_of(properties.begin(), properties.end(),
                      [&](const auto& p) { return p.name == key.text; }))
        faults_.error(key.place,
                      fmt::format("'{}' is a node's; '{}' is a pipeline, whose nodes have their own",
                                  key.text, use.type.text));
      else
        faults_.error(key.place, fmt::format("the pipeline '{}' has no parameter '{}'{}", use.type.text,
                                             key.text, did_you_mean(key.text, known)));
    }
    for (const Wire& wire : use.feedback)
      faults_.error(wire.input.place, fmt::format("'{}' is a pipeline: it takes no feedback", use.type.text));
    std::vector<std::string> taken = input_names(*scope.pipeline);
    std::replace(taken.begin(), taken.end(), std::string(), std::string("input"));
    for (const Wire& wire : use.inputs)
      if (std::find(taken.begin(), taken.end(), wire.input.text) == taken.end())
        faults_.error(wire.input.place, fmt::format("the pipeline '{}' takes no input '{}'{}", use.type.text,
                                                    wire.input.text, did_you_mean(wire.input.text, taken)));
  }

  void add_nodes(Scope& scope, int depth) {
    for (const NodeDecl& decl : scope.pipeline->nodes) {
      if (decl.type.text.empty()) {
        scope.nodes.emplace(decl.name.text, add_flat(decl, scope, nullptr));
        continue;
      }
      const NodeType* type = registry_.find(decl.type.text);
      if (!type && library_.find) {
        if (const auto source = library_.find(decl.type.text)) {
          include(decl, source, scope, depth);
          continue;
        }
      }
      if (!type) {
        std::vector<std::string> known = registry_.names();
        known.insert(known.end(), library_.names.begin(), library_.names.end());
        faults_.error(decl.type.place, fmt::format("unknown node type '{}'{}", decl.type.text,
                                                   did_you_mean(decl.type.text, known)));
      }
      scope.nodes.emplace(decl.name.text, add_flat(decl, scope, type));
    }
  }

  int add_flat(const NodeDecl& decl, Scope& scope, const NodeType* type) {
    if (nodes_.size() >= kMostFlatNodes)
      fail_at(ErrorKind::pipeline, decl.name.place.to_string(), "more than {} nodes", kMostFlatNodes);
    nodes_.push_back({&decl, &scope, type, scope.prefix + decl.name.text});
    return static_cast<int>(nodes_.size()) - 1;
  }

  void include(const NodeDecl& decl, const std::shared_ptr<const SourceText>& source, Scope& scope,
               int depth) {
    auto inner = std::make_unique<Scope>();
    inner->pipeline = parse(source);
    inner->prefix = scope.prefix + decl.name.text + "/";
    inner->parent = &scope;
    inner->use = &decl;
    bool recursive = false;
    for (const Scope* outer = &scope; outer; outer = outer->parent)
      recursive |= outer->pipeline == inner->pipeline;
    if (recursive || depth >= kMostIncluded) {
      faults_.error(decl.type.place,
                    recursive ? fmt::format("a pipeline cannot include itself: {}", inner->path())
                              : fmt::format("more than {} pipelines within each other", kMostIncluded));
      scope.nodes.emplace(decl.name.text, add_flat(decl, scope, nullptr));
      return;
    }
    Scope& included = *scope.included.emplace(decl.name.text, std::move(inner)).first->second;
    bind_included(included);
    add_nodes(included, depth + 1);
  }

  const Registry& registry_;
  const PipelineLibrary& library_;
  Diagnostics& faults_;
  std::map<std::string, std::shared_ptr<const Pipeline>> parsed_;
  std::vector<FlatNode> nodes_;
};

}  // namespace

Unfolded unfold(const std::shared_ptr<const SourceText>& source, const Registry& registry,
                const PipelineLibrary& library, const CheckOptions& options, Diagnostics& faults) {
  return Unfolder(registry, library, faults).run(source, options);
}

std::vector<std::string> input_names(const Pipeline& pipeline) {
  std::vector<std::string> names;
  const auto note = [&](const PortRef& from) {
    if (from.is_input() && std::find(names.begin(), names.end(), from.port) == names.end())
      names.push_back(from.port);
  };
  for (const NodeDecl& node : pipeline.nodes) {
    for (const Wire& wire : node.inputs) note(wire.from);
    for (const Wire& wire : node.feedback) note(wire.from);
  }
  for (const OutputDecl& output : pipeline.outputs) note(output.from);
  return names;
}

}  // namespace millrace
