#include "models/architecture.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <functional>

#include "base/error.h"
#include "base/limits.h"
#include "base/suggest.h"

namespace millrace {
namespace {

// Reads YAML nodes with their places.
class ArchitectureParser {
 public:
  explicit ArchitectureParser(std::string where) : where_(std::move(where)) {}

  Architecture parse(const YAML::Node& root) const {
    Architecture result;
    result.where = where_;
    fields(root, {{"name", [&](const auto& node) { result.name = text(node); }},
                  {"like", [&](const auto& node) { result.like = text(node); }},
                  {"model_types", [&](const auto& node) { result.model_types = texts(node); }},
                  {"methods", [&](const auto& node) { result.methods = text_map(node); }},
                  {"settings", [&](const auto& node) { result.settings = settings(node); }},
                  {"nested",
                   [&](const auto& node) {
                     each(node, [&](const std::string& part, const auto& value) {
                       result.nested[part] = nested(value);
                     });
                   }},
                  {"ignored", [&](const auto& node) { result.ignored = text_set(node); }},
                  {"required", [&](const auto& node) { result.required = scalar_map(node); }},
                  {"generation_tokens", [&](const auto& node) { result.generation_tokens = text_map(node); }},
                  {"labels", [&](const auto& node) { result.labels = text(node); }},
                  {"image_processor",
                   [&](const auto& node) {
                     each(node, [&](const std::string& key, const auto& value) {
                       result.image_processor[key] = scalar(value);
                     });
                   }},
                  {"checkpoints", [&](const auto& node) {
                     each(node, [&](const std::string& format, const auto& value) {
                       result.checkpoints[format] = layout(value);
                     });
                   }}});
    if (result.name.empty()) refuse(root, "'name' is missing");
    return result;
  }

 private:
  using Field = std::function<void(const YAML::Node&)>;

  std::string place(const YAML::Node& node) const {
    return fmt::format("{}:{}:{}", where_, node.Mark().line + 1, node.Mark().column + 1);
  }

  [[noreturn]] void refuse(const YAML::Node& node, const std::string& message) const {
    throw Error(ErrorKind::model, message, place(node));
  }

  template <class Visit>
  void each(const YAML::Node& node, Visit&& visit) const {
    if (!node.IsMap()) refuse(node, "a map was expected");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = text(entry.first);
      if (!seen.insert(key).second) refuse(entry.first, fmt::format("'{}' is given twice", key));
      visit(key, entry.second);
    }
  }

  void fields(const YAML::Node& node, const std::map<std::string, Field>& known) const {
    std::vector<std::string> names;
    for (const auto& [name, read] : known) names.push_back(name);
    each(node, [&](const std::string& key, const YAML::Node& value) {
      const auto field = known.find(key);
      if (field == known.end())
        refuse(value, fmt::format("the key '{}' is not known{}", key, did_you_mean(key, names)));
      field->second(value);
    });
  }

  std::string text(const YAML::Node& node) const {
    if (!node.IsScalar()) refuse(node, "a text was expected");
    return node.Scalar();
  }

  // A text or a list of them.
  std::vector<std::string> texts(const YAML::Node& node) const {
    if (node.IsScalar()) return {node.Scalar()};
    if (!node.IsSequence()) refuse(node, "a list was expected");
    std::vector<std::string> result;
    for (const auto& item : node) result.push_back(text(item));
    return result;
  }

  std::map<std::string, std::string> text_map(const YAML::Node& node) const {
    std::map<std::string, std::string> result;
    each(node, [&](const std::string& key, const YAML::Node& value) { result[key] = text(value); });
    return result;
  }

  std::set<std::string> text_set(const YAML::Node& node) const {
    const auto list = texts(node);
    return {list.begin(), list.end()};
  }

  std::map<std::string, nlohmann::json> scalar_map(const YAML::Node& node) const {
    std::map<std::string, nlohmann::json> result;
    each(node, [&](const std::string& key, const YAML::Node& value) { result[key] = scalar(value); });
    return result;
  }

  // A plain scalar is read as JSON where it is JSON; a quoted one is a text.
  nlohmann::json scalar(const YAML::Node& node) const {
    if (node.IsNull()) return nullptr;
    if (node.IsSequence()) {
      auto list = nlohmann::json::array();
      for (const auto& item : node) {
        if (!item.IsScalar()) refuse(item, "a plain value was expected");
        list.push_back(scalar(item));
      }
      return list;
    }
    if (!node.IsScalar()) refuse(node, "a plain value was expected");
    if (node.Tag() != "!") {
      auto value = nlohmann::json::parse(node.Scalar(), nullptr, false);
      if (value.is_primitive() && !value.is_discarded()) return value;
    }
    return node.Scalar();
  }

  int64_t integer(const YAML::Node& node) const {
    const auto value = scalar(node);
    if (!value.is_number_integer()) refuse(node, "an integer was expected");
    return value.get<int64_t>();
  }

  SettingRule rule(const YAML::Node& node) const {
    SettingRule result;
    result.where = place(node);
    if (!node.IsMap()) {
      result.constant = scalar(node);
      return result;
    }
    int sources = 0;
    const auto source = [&](std::string& field) {
      return [&](const YAML::Node& value) {
        field = text(value);
        ++sources;
      };
    };
    fields(node, {{"key",
                   [&](const auto& value) {
                     result.keys = texts(value);
                     ++sources;
                   }},
                  {"metadata",
                   [&](const auto& value) {
                     result.metadata = texts(value);
                     ++sources;
                   }},
                  {"value", source(result.value)},
                  {"size", source(result.size)},
                  {"count", source(result.count)},
                  {"list", source(result.list)},
                  {"repeated", [&](const auto& value) { result.repeated = scalar(value) == true; }},
                  {"uniform", [&](const auto& value) { result.uniform = scalar(value) == true; }},
                  {"axis", [&](const auto& value) { result.axis = integer(value); }},
                  {"default", [&](const auto& value) { result.fallback = scalar(value); }},
                  {"values", [&](const auto& value) { result.values = scalar_map(value); }},
                  {"otherwise", [&](const auto& value) { result.otherwise = scalar(value); }}});
    if (sources != 1) refuse(node, "one of 'key', 'metadata', 'value', 'size', 'count' and 'list' is needed");
    return result;
  }

  SettingRules settings(const YAML::Node& node) const {
    SettingRules result;
    each(node, [&](const std::string& name, const YAML::Node& value) { result[name] = rule(value); });
    return result;
  }

  NestedFamily nested(const YAML::Node& node) const {
    NestedFamily result;
    result.where = place(node);
    fields(node, {{"config", [&](const auto& value) { result.config = text(value); }},
                  {"weights", [&](const auto& value) { result.weights = texts(value); }},
                  {"families", [&](const auto& value) { result.families = texts(value); }},
                  {"model_type", [&](const auto& value) { result.model_type = text(value); }},
                  {"fixed", [&](const auto& value) { result.fixed = scalar(value) == true; }},
                  {"otherwise", [&](const auto& value) { result.otherwise = text(value); }}});
    if (result.config.empty() || result.weights.empty()) refuse(node, "'config' and 'weights' are needed");
    if (result.fixed && result.model_type.empty()) refuse(node, "'fixed' needs a 'model_type'");
    return result;
  }

  CheckpointLayout layout(const YAML::Node& node) const {
    CheckpointLayout result;
    fields(node, {{"separator", [&](const auto& value) { result.separator = text(value); }},
                  {"optional_prefix", [&](const auto& value) { result.optional_prefix = text(value); }},
                  {"recognised_by", [&](const auto& value) { result.recognised_by = texts(value); }},
                  {"settings", [&](const auto& value) { result.settings = settings(value); }},
                  {"transposed", [&](const auto& value) { result.transposed = text_set(value); }},
                  {"names",
                   [&](const auto& value) {
                     each(value, [&](const std::string& part, const YAML::Node& names) {
                       result.names[part] = texts(names);
                     });
                   }},
                  {"architectures", [&](const auto& value) { result.architectures = texts(value); }},
                  {"ignored", [&](const auto& value) { result.ignored = text_set(value); }},
                  {"required", [&](const auto& value) { result.required = scalar_map(value); }},
                  {"permuted", [&](const auto& value) {
                     result.permuted.emplace();
                     each(value, [&](const std::string& layer, const YAML::Node& heads) {
                       (*result.permuted)[layer] = texts(heads);
                     });
                   }}});
    return result;
  }

  std::string where_;
};

}  // namespace

Architecture parse_architecture(std::string_view yaml, const std::string& where) {
  if (yaml.size() > limits::kPipelineBytes)
    fail_at(ErrorKind::model, where, "an architecture file may have at most {} bytes",
            limits::kPipelineBytes);
  try {
    return ArchitectureParser(where).parse(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    fail_at(ErrorKind::model, fmt::format("{}:{}:{}", where, error.mark.line + 1, error.mark.column + 1),
            "{}", error.msg);
  }
}

void inherit(Architecture& architecture, const Architecture& base) {
  architecture.methods.insert(base.methods.begin(), base.methods.end());
  architecture.settings.insert(base.settings.begin(), base.settings.end());
  architecture.nested.insert(base.nested.begin(), base.nested.end());
  architecture.ignored.insert(base.ignored.begin(), base.ignored.end());
  architecture.required.insert(base.required.begin(), base.required.end());
  architecture.generation_tokens.insert(base.generation_tokens.begin(), base.generation_tokens.end());
  if (architecture.labels.empty()) architecture.labels = base.labels;
  if (architecture.image_processor.is_null()) architecture.image_processor = base.image_processor;
  for (const auto& [format, layout] : base.checkpoints) {
    const auto [own, is_new] = architecture.checkpoints.try_emplace(format, layout);
    if (is_new) continue;
    own->second.settings.insert(layout.settings.begin(), layout.settings.end());
    own->second.names.insert(layout.names.begin(), layout.names.end());
    own->second.transposed.insert(layout.transposed.begin(), layout.transposed.end());
    own->second.ignored.insert(layout.ignored.begin(), layout.ignored.end());
    own->second.required.insert(layout.required.begin(), layout.required.end());
    if (own->second.optional_prefix.empty()) own->second.optional_prefix = layout.optional_prefix;
    if (!own->second.permuted) own->second.permuted = layout.permuted;
  }
}

}  // namespace millrace
