#include "encoders/conformer_encoder.h"

#include "base/error.h"

namespace millrace {
namespace {

int64_t letters_in(const WeightScope& scope) {
  const Shape shape = scope.shape("weight");
  return shape.empty() ? 0 : shape.front();
}

ConformerLayer::Options layer_options(const Settings& settings) {
  const auto attention = attention_options(settings, /*causal=*/false);
  return {.attention = attention,
          .block = settings.size("context"),
          .feed_forward = {.width = attention.width,
                           .inner_width = attention.width * settings.size("expansion"),
                           .activation = kernels::Activation::silu},
          .norm = {}};
}

}  // namespace

ConformerEncoder::ConformerEncoder(const Settings& settings, const WeightScope& weights)
    : input_(weights.at("input"), settings.size("width"), settings.size("bands")),
      letters_(weights.at("letters"), letters_in(weights.at("letters")), settings.size("width")),
      from_letters_(weights.at("from_letters"), settings.size("width"), letters_.outputs()) {
  const auto options = layer_options(settings);
  for (int64_t i = 0, count = settings.count("layers"); i < count; ++i)
    layers_.emplace_back(weights.at("layers", i), options);
}

void ConformerEncoder::add_letters(const Rows& states, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows letters = workspace.rows(states.count, letters_.outputs());
  letters_.forward(states, letters);
  kernels::softmax(letters.data, letters.count, letters.width);
  from_letters_.forward(letters, states, {.residual = states.data});
}

Tensor ConformerEncoder::encode(const Tensor& features) const {
  if (features.dtype() != DType::float32 || features.rank() != 3 || features.dim(2) != bands() ||
      features.empty())
    fail(ErrorKind::input, "input_features should be float32 [sounds, rows, {} bands], but is {} {}", bands(),
         name_of(features.dtype()), to_string(features.shape()));
  // Only read, though Rows is a view that may be written through.
  const Rows from = {const_cast<float*>(features.data<float>()), features.dim(0) * features.dim(1), bands(),
                     static_cast<size_t>(bands())};
  Tensor out(DType::float32, {features.dim(0), features.dim(1), width()});
  const Rows states = rows_of(out);
  const auto workspace = workspaces_.take();
  input_.forward(from, states);
  for (size_t i = 0; i < layers_.size(); ++i) {
    layers_[i].forward(states, features.dim(1), *workspace);
    if (i + 1 == layers_.size() / 2) add_letters(states, *workspace);
  }
  return out;
}

}  // namespace millrace
