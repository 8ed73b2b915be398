#include "models/layers/layer_plan.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace millrace {
namespace {

template <class List>
List of_each_layer(List list, const Settings& settings, std::string_view name, int64_t layers) {
  // transformers cuts lists that are too long.
  if (static_cast<int64_t>(list.size()) < layers)
    fail_at(ErrorKind::model, settings.where(name), "{} values for {} layers", list.size(), layers);
  list.resize(static_cast<size_t>(layers));
  return list;
}

std::vector<int64_t> rope_layers(const Settings& settings, const std::vector<std::string>& types) {
  const auto layers = static_cast<int64_t>(types.size());
  const int64_t none_every = settings.size("no_rope_every", 0);
  const std::string only = settings.text("rope_only", "");
  if (settings.has("rope_layers"))
    return of_each_layer(settings.counts("rope_layers"), settings, "rope_layers", layers);
  std::vector<int64_t> result(types.size(), 1);
  for (int64_t i = 0; i < layers; ++i)
    if ((none_every != 0 && (i + 1) % none_every == 0) ||
        (!only.empty() && types[static_cast<size_t>(i)] != only))
      result[static_cast<size_t>(i)] = 0;
  return result;
}

std::vector<std::string> layer_types(const Settings& settings, int64_t layers, bool windowed) {
  // All are asked for, also those that count only where others are missing.
  const int64_t every = settings.size("full_every", 0), from = settings.count("sliding_from", 0);
  const bool without_rope = settings.flag("sliding_without_rope", false);
  constexpr std::array kTypes = {"full", "sliding", "convolution"};
  if (settings.has("layer_types")) {
    auto types = of_each_layer(settings.texts("layer_types"), settings, "layer_types", layers);
    for (const auto& type : types)
      if (!std::ranges::count(kTypes, type))
        fail_at(ErrorKind::model, settings.where("layer_types"), "layers of the type '{}' are not supported",
                type);
    return types;
  }
  std::vector<std::string> types(static_cast<size_t>(layers), windowed ? "sliding" : "full");
  const auto rope = without_rope ? rope_layers(settings, types) : std::vector<int64_t>(types.size(), 0);
  for (int64_t i = 0; i < layers; ++i)
    if (rope[static_cast<size_t>(i)] != 0 || (every != 0 && (i + 1) % every == 0) || i < from)
      types[static_cast<size_t>(i)] = "full";
  return types;
}

}  // namespace

LayerPlan layer_plan(const Settings& settings, bool causal) {
  const AttentionOptions common = attention_options(settings, causal);
  const int64_t layers = settings.count("layers");
  const bool may_slide = settings.flag("windowed", true), windowed = settings.has("window") && may_slide;
  const int64_t window = windowed ? settings.size("window") : 0;
  const auto types = layer_types(settings, layers, windowed);
  const auto with_rope = rope_layers(settings, types);

  const bool biased = settings.flag("alibi", false);
  const bool scaled_by_layer = settings.flag("attention_scale_by_layer", false);

  LayerPlan plan;
  const Settings rope = settings.at("rope"), sliding_rope = settings.at("sliding_rope");
  if (rope.has("base")) plan.rotary.push_back(std::make_shared<RotaryEmbedding>(rope, common.head_dim));
  const bool own = sliding_rope.has("base") && rope.has("base");
  if (own) plan.rotary.push_back(std::make_shared<RotaryEmbedding>(sliding_rope, common.head_dim));
  for (size_t i = 0; i < types.size(); ++i) {
    AttentionOptions& options = plan.attention.emplace_back(common);
    const bool sliding = types[i] == "sliding";
    if (sliding) options.window = window;
    if (scaled_by_layer) options.scale /= static_cast<float>(i + 1);
    if (plan.rotary.empty() || with_rope[i] == 0 || biased) continue;
    options.rotary_index = sliding && own ? 1 : 0;
    options.rotary = plan.rotary[options.rotary_index];
  }
  return plan;
}

}  // namespace millrace
