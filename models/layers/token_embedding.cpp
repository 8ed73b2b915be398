#include "models/layers/token_embedding.h"

#include <algorithm>
#include <optional>
#include <string>

namespace millrace {
namespace {

// The name of the matrix that both use, or none. transformers ties what is equal or there only once, whatever
// the configuration says of two that differ.
std::optional<std::string> shared_matrix(const Settings& settings, const WeightScope& weights) {
  const bool may_tie = settings.flag("tied_head", true);
  if (!weights.has("head.weight")) return may_tie ? std::optional("embedding") : std::nullopt;
  if (!weights.has("embedding.weight")) return may_tie ? std::optional("head") : std::nullopt;
  return weights.same("head.weight", "embedding.weight") ? std::optional("embedding") : std::nullopt;
}

}  // namespace

TokenEmbedding::TokenEmbedding(const Settings& settings, const WeightScope& weights)
    : head_([&] {
        const int64_t vocabulary = settings.size("vocabulary"), width = settings.size("width");
        if (const auto matrix = shared_matrix(settings, weights))
          return Linear(weights.at(*matrix), vocabulary, width);
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
