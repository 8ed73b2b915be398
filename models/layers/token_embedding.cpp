#include "models/layers/token_embedding.h"

#include <algorithm>

namespace millrace {
namespace {

bool tied(const Settings& settings, const WeightScope& weights) {
  if (settings.has("tied_head")) return settings.flag("tied_head", true);
  return !weights.has("head.weight") || weights.same("head.weight", "embedding.weight");
}

}  // namespace

TokenEmbedding::TokenEmbedding(const Settings& settings, const WeightScope& weights)
    : head_([&] {
        const int64_t vocabulary = settings.size("vocabulary"), width = settings.size("width");
        if (tied(settings, weights)) return Linear(weights.at("embedding"), vocabulary, width);
        embedding_ = weights.at("embedding").get_float("weight", {vocabulary, width});
        return Linear(weights.at("head"), vocabulary, width);
      }()) {}

void TokenEmbedding::embed(int64_t token, float* state) const {
  if (embedding_.empty())
    kernels::unpack_row(head_.weight(), token, state);
  else
    std::copy_n(embedding_.data<float>() + token * width(), width(), state);
}

}  // namespace millrace
