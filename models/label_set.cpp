#include "models/label_set.h"

#include "base/embedded.h"
#include "base/error.h"

namespace millrace {
namespace {

std::vector<std::string> numbered(int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < count; ++i) names.push_back(fmt::format("LABEL_{}", i));
  return names;
}

// {"0": "cat", …}; keys that are missing keep their numbers.
std::vector<std::string> names_by_id(const ModelConfig& config, const nlohmann::json& ids, int64_t count) {
  auto names = numbered(count);
  for (const auto& [id, name] : ids.items()) {
    const auto number = nlohmann::json::parse(id, nullptr, false);
    if (!number.is_number_integer() || number < 0 || number >= count || !name.is_string())
      fail_at(ErrorKind::model, config.place("id2label"), "'{}' is no label of {}: the classifier has {}", id,
              name.dump(), count);
    names[number.get<size_t>()] = name.get<std::string>();
  }
  return names;
}

std::vector<std::string> shipped_names(const Architecture& architecture) {
  const auto text = embedded_file("models/data/" + architecture.labels + ".txt");
  if (!text)
    fail_at(ErrorKind::model, architecture.where, "there is no list of labels '{}'", architecture.labels);
  std::vector<std::string> names;
  for (size_t at = 0; at < text->size();) {
    const size_t end = text->find('\n', at);
    names.emplace_back(text->substr(at, end - at));
    at = end == std::string_view::npos ? text->size() : end + 1;
  }
  return names;
}

LabelSet::Scores scores_of(const std::optional<ModelConfig>& config, int64_t count) {
  const std::string type = config ? config->values.value("problem_type", nlohmann::json()).is_string()
                                        ? config->values["problem_type"].get<std::string>()
                                        : ""
                                  : "";
  if (type == "multi_label_classification" || (type.empty() && count == 1)) return LabelSet::Scores::sigmoid;
  if (type == "regression") return LabelSet::Scores::none;
  if (!type.empty() && type != "single_label_classification")
    fail_at(ErrorKind::model, config->place("problem_type"), "'{}' is not known", type);
  return LabelSet::Scores::softmax;
}

}  // namespace

LabelSet read_labels(const std::optional<ModelConfig>& config, const Architecture& architecture,
                     int64_t count) {
  LabelSet labels{.names = {}, .scores = scores_of(config, count)};
  if (config && config->values.contains("id2label") && config->values["id2label"].is_object())
    labels.names = names_by_id(*config, config->values["id2label"], count);
  else if (!architecture.labels.empty())
    labels.names = shipped_names(architecture);
  else
    labels.names = numbered(count);
  // A classifier trained on something else has no names of its family's.
  if (std::ssize(labels.names) != count) labels.names = numbered(count);
  return labels;
}

}  // namespace millrace
