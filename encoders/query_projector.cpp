#include "encoders/query_projector.h"

#include <algorithm>

#include "base/error.h"
#include "models/layers/activation.h"

namespace millrace {
namespace {

DetectionLayer::Options layer_options(const Settings& settings) {
  const auto attention = attention_options(settings, /*causal=*/false);
  return {.attention = attention,
          .feed_forward = {.width = attention.width,
                           .inner_width = settings.size("feed_forward_width"),
                           .activation = activation_setting(settings, "activation")},
          .norm_epsilon = static_cast<float>(settings.real("norm_epsilon")),
          .memory_width = settings.size("memory_width")};
}

int64_t queries_of(const Settings& settings) {
  const int64_t queries = settings.size("window") / settings.size("queries_of");
  if (queries == 0)
    fail_at(ErrorKind::model, settings.where("window"), "a window of {} rows has no query of {}",
            settings.size("window"), settings.size("queries_of"));
  return queries;
}

}  // namespace

QueryProjector::QueryProjector(const Settings& settings, const WeightScope& weights, int64_t inputs,
                               int64_t outputs)
    : window_(settings.size("window")),
      queries_(
          weights.get_float("queries", {1, queries_of(settings), settings.at("transformer").size("width")})),
      norm_(weights.at("transformer.norm"), queries_.dim(2),
            {.epsilon = static_cast<float>(settings.at("transformer").real("norm_epsilon"))}),
      output_(weights.at("output"), outputs, queries_.dim(2)) {
  const Settings transformer = settings.at("transformer");
  transformer.has("block");
  const auto options = layer_options(transformer);
  if (options.memory_width != inputs)
    fail_at(ErrorKind::model, transformer.where("memory_width"),
            "the projector takes states of {}, but the encoder's are {} wide", options.memory_width, inputs);
  for (int64_t i = 0, count = transformer.count("layers"); i < count; ++i)
    layers_.emplace_back(weights.at("transformer.layers", i), options);
}

// The states, each sound's filled up with zeros to whole windows.
Rows QueryProjector::windows_of(const Tensor& states, int64_t windows, Workspace& workspace) const {
  const int64_t sounds = states.dim(0), values = states.dim(1) * states.dim(2);
  const Rows result = workspace.rows(sounds * windows * window_, states.dim(2));
  float* to = result.data;
  for (int64_t sound = 0; sound < sounds; ++sound) {
    to = std::copy_n(states.data<float>() + sound * values, values, to);
    to = std::fill_n(to, windows * window_ * states.dim(2) - values, 0.f);
  }
  return result;
}

Tensor QueryProjector::project(const Tensor& states) const {
  const int64_t sounds = states.dim(0), windows = (states.dim(1) + window_ - 1) / window_;
  const int64_t queries = queries_.dim(1), width = queries_.dim(2);
  const auto workspace = workspaces_.take();
  const Workspace::Frame frame(*workspace);
  const Rows memory = windows_of(states, windows, *workspace);
  const Rows asking = (*workspace).rows(sounds * windows * queries, width);
  for (int64_t i = 0; i < sounds * windows; ++i)
    std::copy_n(queries_.data<float>(), queries * width, asking.row(i * queries));
  norm_.forward(asking, asking);
  const Rows unplaced = (*workspace).rows(asking.count, width);
  std::fill_n(unplaced.data, unplaced.count * width, 0.f);
  const DetectionLayer::Memory heard{.states = memory, .placed = memory, .key_bias = nullptr};
  for (const auto& layer : layers_)
    layer.forward(asking, unplaced, sounds * windows, nullptr, &heard, *workspace);
  Tensor result(DType::float32, {sounds, windows * queries, outputs()});
  output_.forward(asking, rows_of(result));
  return result;
}

}  // namespace millrace
