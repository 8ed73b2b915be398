#include "models/layers/token_embedding.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "base/error.h"

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

float embedding_scale(const Settings& settings) {
  if (!settings.has("embedding_scale")) return 1;
  if (!settings.is_text("embedding_scale")) return static_cast<float>(settings.real("embedding_scale"));
  if (const auto scale = settings.text("embedding_scale"); scale != "sqrt(width)")
    fail_at(ErrorKind::model, settings.where("embedding_scale"),
            "a number or sqrt(width) was expected, not {}", scale);
  return std::sqrt(static_cast<float>(settings.size("width")));
}

std::optional<Linear> projection(const WeightScope& scope, int64_t outputs, int64_t inputs) {
  if (outputs == inputs) return std::nullopt;
  return Linear(scope, outputs, inputs);
}

}  // namespace

TokenEmbedding::TokenEmbedding(const Settings& settings, const WeightScope& weights)
    : width_(settings.size("width")),
      head_([&] {
        const int64_t vocabulary = settings.size("vocabulary"),
                      width = settings.size("embedding_width", width_);
        if (const auto matrix = shared_matrix(settings, weights))
          return Linear(weights.at(*matrix), vocabulary, width, weights.at("head"));
        const WeightScope embedding = weights.at("embedding");
        if (embedding.quantised("weight", {vocabulary, width}))
          quantised_embedding_.emplace(embedding, vocabulary, width);
        else
          embedding_ = embedding.get_float("weight", {vocabulary, width});
        return Linear(weights.at("head"), vocabulary, width);
      }()),
      project_in_(projection(weights.at("project_in"), width_, head_.inputs())),
      project_out_(projection(weights.at("project_out"), head_.inputs(), width_)),
      scale_(embedding_scale(settings)),
      state_scale_(static_cast<float>(settings.real("state_scale", 1))),
      logit_scale_(static_cast<float>(settings.real("logit_scale", 1) / settings.real("logit_divisor", 1))),
      logit_softcap_(static_cast<float>(settings.real("logit_softcap", 0))) {
  if (settings.flag("embedding_norm", false))
    norm_.emplace(weights.at("embedding_norm"), width_, norm_options(settings));
}

void TokenEmbedding::embed(std::span<const int32_t> tokens, const Rows& embeddings) const {
  for (int64_t i = 0; i < embeddings.count; ++i) {
    const int64_t token = tokens[static_cast<size_t>(i)];
    float* row = embeddings.row(i);
    if (embedding_.empty())
      kernels::unpack_row((quantised_embedding_ ? *quantised_embedding_ : head_).weight(), token, row);
    else
      std::copy_n(embedding_.data<float>() + token * embeddings.width, embeddings.width, row);
    if (scale_ != 1)
      for (int64_t j = 0; j < embeddings.width; ++j) row[j] *= scale_;
  }
}

void TokenEmbedding::admit(const Rows& embeddings, const Rows& states) const {
  if (project_in_)
    project_in_->forward(embeddings, states);
  else if (embeddings.data != states.data)
    std::copy_n(embeddings.data, embeddings.count * embeddings.width, states.data);
  if (norm_) norm_->forward(states, states);
  if (state_scale_ == 1) return;
  for (int64_t i = 0; i < states.count; ++i)
    for (float& value : std::span(states.row(i), static_cast<size_t>(states.width))) value *= state_scale_;
}

void TokenEmbedding::unembed(const Rows& states, const Rows& logits, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  Rows rows = states;
  if (project_out_) {
    rows = workspace.rows(states.count, head_.inputs());
    project_out_->forward(states, rows);
  }
  head_.forward(rows, logits);
  if (logit_scale_ == 1 && logit_softcap_ == 0) return;
  for (int64_t i = 0; i < logits.count; ++i)
    for (float& logit : std::span(logits.row(i), static_cast<size_t>(logits.width))) {
      logit *= logit_scale_;
      if (logit_softcap_ != 0) logit = std::tanh(logit / logit_softcap_) * logit_softcap_;
    }
}

}  // namespace millrace
