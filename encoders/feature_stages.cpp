#include "encoders/feature_stages.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

std::vector<int64_t> of_indices(const Settings& settings, int64_t count) {
  std::vector<int64_t> stages;
  for (const double index : settings.reals("out_indices")) {
    if (index != std::floor(index) || std::abs(index) > static_cast<double>(count + 1))
      fail_at(ErrorKind::model, settings.where("out_indices"), "there is no stage {} of {}", index,
              count + 1);
    stages.push_back(static_cast<int64_t>(index) + (index < 0 ? count + 1 : 0));
  }
  return stages;
}

std::vector<int64_t> of_names(const Settings& settings, int64_t count) {
  std::vector<int64_t> stages;
  for (const auto& name : settings.texts("out_features")) {
    int64_t stage = 0;
    while (stage <= count && name != (stage == 0 ? "stem" : fmt::format("stage{}", stage))) ++stage;
    stages.push_back(stage);
  }
  return stages;
}

std::vector<int64_t> of_layers(const Settings& settings, int64_t count) {
  std::vector<int64_t> stages;
  for (const double layer : settings.reals("out_layers"))
    if (layer >= 0 && layer < static_cast<double>(count) && layer == std::floor(layer))
      stages.push_back(static_cast<int64_t>(layer) + 1);
  std::ranges::sort(stages);
  stages.erase(std::ranges::unique(stages).begin(), stages.end());
  return stages;
}

}  // namespace

std::vector<int64_t> feature_stages(const Settings& settings, int64_t count) {
  // All are asked for, also those that do not count.
  const bool by_index = settings.has("out_indices"), by_name = settings.has("out_features");
  if (settings.has("out_layers")) return of_layers(settings, count);
  if (!by_index && !by_name) return {count};
  const auto stages = by_index ? of_indices(settings, count) : of_names(settings, count);
  const bool ordered = std::ranges::adjacent_find(stages, std::ranges::greater_equal()) == stages.end();
  if (!ordered || stages.empty() || stages.front() < 0 || stages.back() > count)
    fail_at(ErrorKind::model, settings.where(by_index ? "out_indices" : "out_features"),
            "some of the {} stages, in their order, were expected", count + 1);
  return stages;
}

}  // namespace millrace
