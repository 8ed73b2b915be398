#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/suggest.h"
#include "graph/pipeline/pipeline.h"

namespace millrace {
namespace {

bool is_word(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name[0] >= 'a' && name[0] <= 'z' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

class PipelineParser {
 public:
  explicit PipelineParser(Diagnostics& faults) : faults_(faults) {}

  Pipeline parse(const std::shared_ptr<const SourceText>& source) {
    Pipeline pipeline;
    pipeline.source = source;
    const std::optional<YamlNode> root = parse_yaml(source, faults_);
    if (!root) return pipeline;
    if (!expect(*root, YamlNode::Kind::map, "a pipeline")) return pipeline;
    const std::vector<std::string> known = {"name", "description", "parameters", "nodes", "outputs"};
    for (const auto& [key, value] : root->entries) {
      if (key.text == "name")
        pipeline.name = text_of(value, "the name");
      else if (key.text == "description")
        pipeline.description = text_of(value, "the description");
      else if (key.text == "parameters")
        parse_parameters(value, pipeline);
      else if (key.text == "nodes")
        parse_nodes(value, pipeline);
      else if (key.text == "outputs")
        parse_outputs(value, pipeline);
      else
        unknown_key(key, known, "a pipeline");
    }
    for (const char* needed : {"name", "nodes"})
      if (!root->find(needed)) faults_.error(root->place, fmt::format("a pipeline needs '{}'", needed));
    return pipeline;
  }

 private:
  bool expect(const YamlNode& node, YamlNode::Kind kind, std::string_view what) {
    if (node.kind == kind) return true;
    YamlNode wanted;
    wanted.kind = kind;
    faults_.error(node.place,
                  fmt::format("{} is a {}, not a {}", what, wanted.kind_name(), node.kind_name()));
    return false;
  }

  void unknown_key(const YamlNode& key, const std::vector<std::string>& known, std::string_view owner) {
    faults_.error(key.place,
                  fmt::format("unknown key '{}' in {}{}", key.text, owner, did_you_mean(key.text, known)),
                  fmt::format("known here: {}", fmt::format("{}", join(known))));
  }

  static std::string join(const std::vector<std::string>& names) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return all;
  }

  std::string text_of(const YamlNode& node, std::string_view what) {
    if (node.kind == YamlNode::Kind::scalar) return node.text;
    faults_.error(node.place, fmt::format("{} is text, not a {}", what, node.kind_name()));
    return {};
  }

  std::optional<Name> word_of(const YamlNode& key, std::string_view what) {
    if (is_word(key.text)) return Name{key.text, key.place};
    faults_.error(key.place, fmt::format("'{}' cannot name {}: names are lower-case letters, digits and _",
                                         key.text, what));
    return std::nullopt;
  }

  void parse_parameters(const YamlNode& map, Pipeline& pipeline) {
    if (map.kind == YamlNode::Kind::scalar && map.text == "null") return;
    if (!expect(map, YamlNode::Kind::map, "'parameters'")) return;
    for (const auto& [key, value] : map.entries) {
      const auto name = word_of(key, "a parameter");
      if (!name || !expect(value, YamlNode::Kind::map, fmt::format("parameter '{}'", key.text))) continue;
      if (name->text == "input") {
        faults_.error(key.place, "a parameter cannot be called 'input': $input is the pipeline's input");
        continue;
      }
      parse_parameter(*name, value, pipeline);
    }
  }

  void parse_parameter(const Name& name, const YamlNode& map, Pipeline& pipeline) {
    ParameterDecl decl{name, {}, {}, std::nullopt};
    bool typed = false;
    for (const auto& [key, value] : map.entries) {
      if (key.text == "type") {
        typed = true;
        const std::string type = text_of(value, "a type");
        const auto known = parse_param_type(type);
        if (known)
          decl.type = *known;
        else if (value.kind == YamlNode::Kind::scalar)
          unknown_type(value);
      } else if (key.text == "default") {
        decl.default_value = value;
      } else if (key.text == "help") {
        decl.help = text_of(value, "the help");
      } else {
        unknown_key(key, {"type", "default", "help"}, fmt::format("parameter '{}'", name.text));
      }
    }
    if (!typed) faults_.error(name.place, fmt::format("parameter '{}' needs a 'type'", name.text));
    pipeline.parameters.push_back(std::move(decl));
  }

  void unknown_type(const YamlNode& value) {
    const std::vector<std::string> types = {"bool", "int", "float", "string", "model"};
    faults_.error(value.place,
                  fmt::format("unknown type '{}'{}", value.text, did_you_mean(value.text, types)),
                  "types: bool, int, float, string, model, each also as 'list of int' and 'int or null'");
  }

  void parse_nodes(const YamlNode& map, Pipeline& pipeline) {
    if (!expect(map, YamlNode::Kind::map, "'nodes'")) return;
    for (const auto& [key, value] : map.entries) {
      const auto name = word_of(key, "a node");
      if (!name || !expect(value, YamlNode::Kind::map, fmt::format("node '{}'", key.text))) continue;
      parse_node(*name, value, pipeline);
    }
  }

  void parse_node(const Name& name, const YamlNode& map, Pipeline& pipeline) {
    NodeDecl decl;
    decl.name = name;
    for (const auto& [key, value] : map.entries) {
      if (key.text == "type")
        decl.type = {text_of(value, "a node's type"), value.place};
      else if (key.text == "inputs")
        decl.inputs = parse_wires(value, "inputs");
      else if (key.text == "feedback")
        decl.feedback = parse_wires(value, "feedback");
      else
        decl.settings.emplace_back(Name{key.text, key.place}, value);
    }
    if (!map.find("type")) faults_.error(name.place, fmt::format("node '{}' needs a 'type'", name.text));
    pipeline.nodes.push_back(std::move(decl));
  }

  std::vector<Wire> parse_wires(const YamlNode& map, std::string_view what) {
    std::vector<Wire> wires;
    if (!expect(map, YamlNode::Kind::map, fmt::format("'{}'", what))) return wires;
    for (const auto& [key, value] : map.entries) wires.push_back({{key.text, key.place}, parse_port(value)});
    return wires;
  }

  void parse_outputs(const YamlNode& map, Pipeline& pipeline) {
    if (!expect(map, YamlNode::Kind::map, "'outputs'")) return;
    for (const auto& [key, value] : map.entries) {
      const auto name = word_of(key, "an output");
      PortRef from = parse_port(value);
      if (name) pipeline.outputs.push_back({*name, std::move(from)});
    }
  }

  // "node.port", "$input" or "$input.port".
  PortRef parse_port(const YamlNode& node) {
    const auto wrong = [&](const std::string& got, const std::string& of) {
      faults_.error(node.place, fmt::format("expected NODE.PORT or $input, got {}", got));
      return PortRef{of, "", node.place, true};
    };
    if (node.kind != YamlNode::Kind::scalar) return wrong(fmt::format("a {}", node.kind_name()), "");
    const std::string& text = node.text;
    const size_t dot = text.find('.');
    const std::string first = text.substr(0, dot),
                      port = dot == std::string::npos ? "" : text.substr(dot + 1);
    if (first == "$input") {
      if (dot != std::string::npos && !is_word(port)) return wrong(fmt::format("'{}'", text), "");
      return {"", port, node.place};
    }
    if (dot == std::string::npos && is_word(first)) {
      faults_.error(node.place, fmt::format("'{}' names a node but not its port", text),
                    fmt::format("write {}.PORT", text));
      return {first, "", node.place, true};
    }
    if (!is_word(first) || !is_word(port)) return wrong(fmt::format("'{}'", text), first);
    return {first, port, node.place};
  }

  Diagnostics& faults_;
};

}  // namespace

Pipeline parse_pipeline(const std::shared_ptr<const SourceText>& source, Diagnostics& faults) {
  return PipelineParser(faults).parse(source);
}

std::optional<ParamType> parse_param_type(std::string_view name) {
  ParamType type;
  constexpr std::string_view list_of = "list of ", or_null = " or null";
  if (name.starts_with(list_of)) type.list = true, name.remove_prefix(list_of.size());
  if (name.ends_with(or_null)) type.optional = true, name.remove_suffix(or_null.size());
  constexpr std::array<std::pair<std::string_view, ParamKind>, 5> kinds = {{{"bool", ParamKind::boolean},
                                                                            {"int", ParamKind::integer},
                                                                            {"float", ParamKind::number},
                                                                            {"string", ParamKind::text},
                                                                            {"model", ParamKind::model}}};
  for (const auto& [kind_name, kind] : kinds)
    if (kind_name == name) return type.kind = kind, type;
  return std::nullopt;
}

std::optional<std::string> parameter_reference(const YamlNode& node) {
  if (node.kind != YamlNode::Kind::scalar || node.quoted || !node.text.starts_with('$')) return std::nullopt;
  return node.text.substr(1);
}

}  // namespace millrace
