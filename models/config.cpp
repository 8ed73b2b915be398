#include "models/config.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json_file.h"
#include "base/limits.h"
#include "base/path_status.h"
#include "base/suggest.h"

namespace millrace {
namespace {

std::string shown(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).substr(0, 60);
}

// The value at the dotted path; null counts as absent.
const nlohmann::json* find(const nlohmann::json& object, std::string_view path) {
  const nlohmann::json* value = &object;
  while (true) {
    const auto dot = path.find('.');
    if (!value->is_object()) return nullptr;
    const auto found = value->find(path.substr(0, dot));
    if (found == value->end() || found->is_null()) return nullptr;
    value = &*found;
    if (dot == std::string_view::npos) return value;
    path.remove_prefix(dot + 1);
  }
}

// Of a text of the metadata.
nlohmann::json metadata_value(const std::string& text) {
  auto value = nlohmann::json::parse(text, nullptr, false);
  return value.is_discarded() || value.is_object() || value.is_string() ? nlohmann::json(text) : value;
}

// Works out each rule's value from the config and the checkpoint.
class SettingResolver {
 public:
  SettingResolver(const ModelConfig* config, const Checkpoint& checkpoint)
      : config_(config), checkpoint_(checkpoint) {}

  // None for a rule that unsets.
  std::optional<Setting> resolve(const SettingRule& rule) const {
    auto setting = raw(rule);
    if (setting && rule.repeated)
      setting->value = repeated(*setting);
    else if (setting)
      setting->value = flat(setting->value);
    if (setting && rule.uniform) setting->value = uniform(*setting);
    if (!setting || rule.values.empty()) return setting;
    if (setting->value.is_array())
      for (auto& value : setting->value) value = mapped(rule, value, setting->where);
    else
      setting->value = mapped(rule, setting->value, setting->where);
    if (setting->value.is_null()) return std::nullopt;
    return setting;
  }

 private:
  // The engine's value for one of the file's.
  static nlohmann::json mapped(const SettingRule& rule, const nlohmann::json& value,
                               const std::string& where) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    const auto found = rule.values.find(text);
    if (found != rule.values.end()) return found->second;
    if (rule.otherwise) return *rule.otherwise;
    std::vector<std::string> known;
    for (const auto& [from, to] : rule.values) known.push_back(from);
    fail_at(ErrorKind::model, where, "{} is not supported{}", shown(value), did_you_mean(text, known));
  }

  // [[[a, b], 2]] is a, b, a, b.
  static nlohmann::json repeated(const Setting& setting) {
    auto result = nlohmann::json::array();
    for (const auto& run : setting.value) {
      if (!run.is_array() || run.size() != 2 || !run[0].is_array() || !run[1].is_number_integer() ||
          run[1] < 0 || run[0].empty() || run[1] > limits::kTensors ||
          result.size() + run[0].size() * run[1].get<size_t>() > limits::kTensors)
        fail_at(ErrorKind::model, setting.where, "lists with how often they repeat were expected, not {}",
                shown(setting.value));
      for (size_t i = 0; i < run[1].get<size_t>(); ++i)
        result.insert(result.end(), run[0].begin(), run[0].end());
    }
    return result;
  }

  // A list of lists as one: [[a, b], [c, d]] is a, b, c, d.
  static nlohmann::json flat(const nlohmann::json& value) {
    if (!value.is_array() || !std::ranges::all_of(value, [](const auto& one) { return one.is_array(); }))
      return value;
    auto result = nlohmann::json::array();
    for (const auto& inner : value) result.insert(result.end(), inner.begin(), inner.end());
    return result;
  }

  // [0, 2, 0, 2] is 2.
  static nlohmann::json uniform(const Setting& setting) {
    if (!setting.value.is_array()) return setting.value;
    nlohmann::json result;
    for (const auto& value : setting.value) {
      if (value == 0 || value == result) continue;
      if (!result.is_null())
        fail_at(ErrorKind::model, setting.where, "layers that differ, {} and {}, are not supported",
                shown(result), shown(value));
      result = value;
    }
    if (result.is_null()) fail_at(ErrorKind::model, setting.where, "has no value for any layer");
    return result;
  }

  std::optional<Setting> raw(const SettingRule& rule) const {
    if (!rule.keys.empty()) return from_config(rule);
    if (!rule.metadata.empty()) return from_metadata(rule);
    if (!rule.value.empty()) return Setting{scalar(rule), tensor_place(rule.value)};
    if (!rule.size.empty()) return Setting{size(rule), tensor_place(rule.size)};
    if (!rule.count.empty()) return Setting{count(rule.count), tensor_place(rule.count)};
    if (!rule.list.empty()) return list(rule);
    if (rule.constant.is_null()) return std::nullopt;
    return Setting{rule.constant, rule.where};
  }

  std::string tensor_place(const std::string& tensor) const {
    return fmt::format("{}: tensor '{}'", checkpoint_.source(), tensor);
  }

  std::optional<Setting> from_config(const SettingRule& rule) const {
    if (!config_)
      fail_at(ErrorKind::model, rule.where, "'{}' comes from a config.json, which {} does not have",
              rule.keys[0], checkpoint_.source());
    const nlohmann::json* chosen = nullptr;
    std::string chosen_key;
    for (const auto& key : rule.keys) {
      const auto* value = find(config_->values, key);
      if (!value) continue;
      if (chosen && *chosen != *value)
        fail_at(ErrorKind::model, config_->place(key), "'{}' is {}, but '{}' is {}; they mean the same",
                chosen_key, shown(*chosen), key, shown(*value));
      if (!chosen) chosen = value, chosen_key = key;
    }
    if (chosen) return Setting{*chosen, fmt::format("{}: '{}'", config_->place(chosen_key), chosen_key)};
    if (!rule.fallback) fail_at(ErrorKind::model, config_->where, "has no '{}'", rule.keys[0]);
    if (rule.fallback->is_null()) return std::nullopt;
    return Setting{*rule.fallback, fmt::format("{}: the default of '{}'", config_->where, rule.keys[0])};
  }

  std::optional<Setting> from_metadata(const SettingRule& rule) const {
    for (const auto& key : rule.metadata) {
      const auto* text = find_metadata(checkpoint_, key);
      if (text == nullptr) continue;
      auto value = metadata_value(*text);
      if (rule.fallback && value == 0) continue;
      return Setting{std::move(value),
                     fmt::format("{}: '{}'", checkpoint_.source(), *metadata_key(checkpoint_, key))};
    }
    if (!rule.fallback)
      fail_at(ErrorKind::model, checkpoint_.source(), "its metadata has no '{}'",
              metadata_key(checkpoint_, rule.metadata[0]).value_or("general.architecture"));
    if (rule.fallback->is_null()) return std::nullopt;
    return Setting{*rule.fallback,
                   fmt::format("{}: the default of '{}'", checkpoint_.source(), rule.metadata[0])};
  }

  nlohmann::json scalar(const SettingRule& rule) const {
    const Tensor tensor = checkpoint_.get(rule.value);
    if (tensor.count() != 1)
      fail_at(ErrorKind::model, tensor_place(rule.value), "one value was expected, not shape {}",
              to_string(tensor.shape()));
    const bool real = tensor.dtype() == DType::float32 || tensor.dtype() == DType::float16 ||
                      tensor.dtype() == DType::bfloat16;
    const float value = tensor.to_float32().data<float>()[0];
    if (real) return value;
    return static_cast<int64_t>(value);
  }

  std::optional<Setting> list(const SettingRule& rule) const {
    constexpr int64_t kMost = 65536;
    if (!checkpoint_.has(rule.list) && rule.fallback) {
      if (rule.fallback->is_null()) return std::nullopt;
      return Setting{*rule.fallback, rule.where};
    }
    const Shape shape = checkpoint_.info(rule.list).shape;
    if (shape.size() != 1 || shape[0] > kMost)
      fail_at(ErrorKind::model, tensor_place(rule.list), "a list of at most {} values was expected, not {}",
              kMost, to_string(shape));
    auto values = nlohmann::json::array();
    for (const float value : checkpoint_.get(rule.list).to_float32().values<float>()) values.push_back(value);
    return Setting{std::move(values), tensor_place(rule.list)};
  }

  int64_t size(const SettingRule& rule) const {
    const Shape shape = checkpoint_.info(rule.size).shape;
    if (rule.axis < 0 || rule.axis >= static_cast<int64_t>(shape.size()))
      fail_at(ErrorKind::model, tensor_place(rule.size), "has shape {}, and so no axis {}", to_string(shape),
              rule.axis);
    return shape[static_cast<size_t>(rule.axis)];
  }

  int64_t count(const std::string& pattern) const {
    const auto at = pattern.find("{i}");
    int64_t result = 0;
    if (at == std::string::npos) return checkpoint_.has(pattern) ? 1 : 0;
    while (checkpoint_.has(pattern.substr(0, at) + std::to_string(result) + pattern.substr(at + 3))) ++result;
    return result;
  }

  const ModelConfig* config_;
  const Checkpoint& checkpoint_;
};

// Refuses what a GGUF file says of its architecture that would change the model's results and is not
// understood: keys that no setting comes from and that `layout` does not say to be harmless.
class MetadataCheck {
 public:
  MetadataCheck(const Architecture& architecture, const SettingRules& rules, const CheckpointLayout& layout,
                const Checkpoint& checkpoint)
      : architecture_(architecture), checkpoint_(checkpoint) {
    for (const auto& [name, rule] : rules) learn(rule.metadata);
    learn(layout.ignored);
    if (layout.permuted)
      for (const auto& [layer, keys] : *layout.permuted) learn(keys);
    for (const auto& [key, value] : layout.required) {
      learn(std::array{key});
      require(key, value);
    }
  }

  void run() const {
    const auto prefix = metadata_key(checkpoint_, "{architecture}.");
    if (!prefix) return;
    for (auto entry = checkpoint_.metadata().lower_bound(*prefix);
         entry != checkpoint_.metadata().end() && entry->first.starts_with(*prefix); ++entry) {
      const auto value = metadata_value(entry->second);
      if (known_.contains(entry->first) || value.empty() || value == false || value == 0) continue;
      const std::vector<std::string> known(known_.begin(), known_.end());
      fail_at(
          ErrorKind::model, checkpoint_.source(),
          "its metadata's '{}' = {} is not understood for '{}' models{}; where it changes nothing, add it "
          "to `ignored` of the gguf checkpoints in a copy of {}",
          entry->first, shown(value), architecture_.name, did_you_mean(entry->first, known),
          architecture_.where);
    }
  }

 private:
  template <class Keys>
  void learn(const Keys& keys) {
    for (const std::string& key : keys)
      if (auto full = metadata_key(checkpoint_, key)) known_.insert(std::move(*full));
  }

  void require(const std::string& key, const nlohmann::json& value) const {
    const std::string* text = find_metadata(checkpoint_, key);
    if (text != nullptr && metadata_value(*text) != value && metadata_value(*text) != 0)
      fail_at(ErrorKind::model, checkpoint_.source(), "its metadata's '{}' is {}, but only {} is supported",
              *metadata_key(checkpoint_, key), *text, shown(value));
  }

  const Architecture& architecture_;
  const Checkpoint& checkpoint_;
  std::set<std::string> known_;
};

// Whether a key may be left alone: what changes nothing in a config changes nothing in one inside it,
// "text_config.dtype".
bool is_ignored(const std::set<std::string>& ignored, const std::string& path) {
  constexpr std::string_view kInside = "_config.";
  if (ignored.contains(path)) return true;
  const auto inside = path.find(kInside);
  return inside != std::string::npos && inside < path.find('.') &&
         is_ignored(ignored, path.substr(inside + kInside.size()));
}

// Refuses what would change the model's results and is not understood.
class KeyCheck {
 public:
  KeyCheck(const Architecture& architecture, const SettingRules& rules, const ModelConfig& config)
      : architecture_(architecture), config_(config), known_(architecture.ignored) {
    for (const auto* some : {&architecture.settings, &rules})
      for (const auto& [name, rule] : *some) known_.insert(rule.keys.begin(), rule.keys.end());
    for (const auto& [key, value] : architecture.required) known_.insert(key);
  }

  void run() const {
    for (const auto& [key, value] : architecture_.required) {
      const auto* given = find(config_.values, key);
      if (given && *given != value)
        fail_at(ErrorKind::model, config_.place(key), "'{}' is {}, but only {} is supported", key,
                shown(*given), shown(value));
    }
    check(config_.values, "", 0);
  }

 private:
  void check(const nlohmann::json& object, const std::string& prefix, int depth) const {
    for (const auto& [key, value] : object.items()) {
      const std::string path = prefix + key;
      // null, {} and [] are empty; "_" begins the private notes of the library that wrote the file.
      if (known_.contains(path) || is_ignored(architecture_.ignored, path) || value.empty() ||
          value == false || key.starts_with('_'))
        continue;
      const auto inside = known_.lower_bound(path + ".");
      if (value.is_object() && depth < limits::kDepth && inside != known_.end() &&
          inside->starts_with(path + ".")) {
        check(value, path + ".", depth + 1);
        continue;
      }
      const std::vector<std::string> known(known_.begin(), known_.end());
      fail_at(ErrorKind::model, config_.place(path),
              "the key '{}' = {} is not understood for '{}' models{}; where it changes nothing, add it to "
              "`ignored` in a copy of {}",
              path, shown(value), architecture_.name, did_you_mean(path, known), architecture_.where);
    }
  }

  const Architecture& architecture_;
  const ModelConfig& config_;
  std::set<std::string> known_;
};

}  // namespace

std::string ModelConfig::place(std::string_view key) const {
  const auto found = places.find(key);
  return found == places.end() ? where : found->second;
}

std::string ModelConfig::model_type() const {
  const auto* type = find(values, "model_type");
  if (!type || !type->is_string()) fail_at(ErrorKind::model, where, "has no 'model_type'");
  const auto* backbone = find(values, "backbone_config.model_type");
  if (!backbone || !backbone->is_string()) return type->get<std::string>();
  return type->get<std::string>() + "/" + backbone->get<std::string>();
}

namespace {

// Configs of CLIP and its like may say "text_config_dict" where they mean what "text_config" should have
// been: transformers then takes nothing of the other.
void take_older_parts(ModelConfig& config) {
  constexpr std::string_view kOlder = "_config_dict", kSuffix = "_dict";
  std::vector<std::string> older;
  for (const auto& [key, value] : config.values.items())
    if (key.ends_with(kOlder)) older.push_back(key);
  for (const auto& key : older) {
    const auto part = key.substr(0, key.size() - kSuffix.size());
    auto value = std::move(config.values[key]);
    config.values.erase(key);
    if (value.is_null()) continue;
    config.values[part] = std::move(value);
    const std::string inside = key + ".";
    KeyPlaces places;
    for (const auto& [path, place] : config.places)
      if (path.starts_with(inside)) places.emplace(part + "." + path.substr(inside.size()), place);
    for (auto& [path, place] : places) config.places.insert_or_assign(path, std::move(place));
  }
}

}  // namespace

std::optional<ModelConfig> read_config(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  if (!path_exists(path)) return std::nullopt;
  ModelConfig config{.values = {}, .where = path.string(), .places = {}};
  config.values = read_json(path, ErrorKind::model, limits::kConfigBytes, &config.places);
  if (!config.values.is_object()) fail_at(ErrorKind::model, config.where, "an object was expected");
  if (!find(config.values, "model_type")) return std::nullopt;
  take_older_parts(config);
  return config;
}

Settings resolve_settings(const Architecture& architecture, const std::optional<ModelConfig>& config,
                          const Checkpoint& checkpoint) {
  SettingRules rules = architecture.settings;
  if (const auto* layout = find_layout(architecture, checkpoint)) {
    for (const auto& [name, rule] : layout->settings) rules.insert_or_assign(name, rule);
    if (checkpoint.format() == "gguf") MetadataCheck(architecture, rules, *layout, checkpoint).run();
  }
  if (config) KeyCheck(architecture, rules, *config).run();

  const SettingResolver resolver(config ? &*config : nullptr, checkpoint);
  std::map<std::string, Setting> values;
  for (const auto& [name, rule] : rules)
    if (auto setting = resolver.resolve(rule)) values.emplace(name, std::move(*setting));
  return Settings(std::move(values));
}

}  // namespace millrace
