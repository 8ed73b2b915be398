#include "encoders/block_places.h"

#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

constexpr int64_t kMostBlocks = 10000;

std::vector<int64_t> repeats_of_settings(const Settings& settings) {
  auto repeats = settings.counts("repeats");
  const double factor = settings.real("depth_factor", 1);
  for (int64_t& count : repeats) {
    const double times = std::ceil(factor * static_cast<double>(count));
    if (!(times >= 0 && times <= static_cast<double>(kMostBlocks)))
      fail_at(ErrorKind::model, settings.where("repeats"), "{} blocks in a stage", times);
    count = static_cast<int64_t>(times);
  }
  return repeats;
}

bool is_block(const WeightScope& scope) { return scope.has("convolutions.1.weight"); }

int64_t outputs_of(const WeightScope& block) {
  int64_t last = 1;
  while (block.at("convolutions", last + 1).has("weight")) ++last;
  const Shape shape = block.at("convolutions", last).shape("weight");
  return shape.empty() ? 0 : shape[0];
}

// As the weights are named; where the names tell no stages, another number of channels begins one.
std::vector<int64_t> repeats_of_weights(const WeightScope& weights) {
  std::vector<int64_t> repeats;
  const auto staged = [&](int64_t layer) {
    return weights.at("stages", static_cast<int64_t>(repeats.size())).at("layers", layer);
  };
  while (is_block(staged(0))) {
    int64_t count = 1;
    while (is_block(staged(count))) ++count;
    repeats.push_back(count);
  }
  if (!repeats.empty()) return repeats;
  int64_t outputs = 0;
  for (int64_t i = 0; i < kMostBlocks && is_block(weights.at("blocks", i)); ++i) {
    const int64_t own = outputs_of(weights.at("blocks", i));
    if (own != outputs) repeats.push_back(0);
    ++repeats.back();
    outputs = own;
  }
  return repeats;
}

}  // namespace

std::vector<BlockPlace> block_places(const Settings& settings, const WeightScope& weights) {
  const auto repeats = settings.has("repeats") ? repeats_of_settings(settings) : repeats_of_weights(weights);
  std::vector<int64_t> strides(repeats.size(), 2);
  if (settings.has("strides"))
    strides = settings.sizes("strides");
  else if (!strides.empty())
    strides[0] = settings.size("first_stride");
  if (strides.size() != repeats.size())
    fail_at(ErrorKind::model, settings.where(settings.has("strides") ? "strides" : "first_stride"),
            "{} strides for {} stages", strides.size(), repeats.size());
  std::vector<BlockPlace> places;
  for (size_t stage = 0; stage < repeats.size(); ++stage)
    for (int64_t i = 0; i < repeats[stage]; ++i)
      places.push_back({i == 0 ? strides[stage] : 1, static_cast<int64_t>(stage), i});
  return places;
}

}  // namespace millrace
