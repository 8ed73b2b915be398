#include "models/layers/transformer_layer.h"

#include <algorithm>

#include "models/layers/activation.h"

namespace millrace {
namespace {

std::optional<Norm> norm_before(const WeightScope& scope, const TransformerLayerOptions& options,
                                bool may_lack) {
  if (!options.pre_norms || (may_lack && !scope.has("weight"))) return std::nullopt;
  return Norm(scope, options.attention.width, options.norm);
}

std::optional<Norm> norm_behind(const WeightScope& scope, const TransformerLayerOptions& options) {
  if (!scope.has("weight")) return std::nullopt;
  return Norm(scope, options.attention.width, options.norm);
}

Tensor gain_in(const WeightScope& scope, std::string_view name, const TransformerLayerOptions& options) {
  return scope.has(name) ? scope.get_float(name, {options.attention.width}) : Tensor();
}

// 0: as the weights are.
int64_t feed_forward_width(const Settings& settings, int64_t width) {
  constexpr std::string_view kName = "feed_forward_width";
  if (settings.has(kName) && settings.is_text(kName) && settings.text(kName) == "weights") return 0;
  return settings.size(kName, 4 * width);
}

}  // namespace

TransformerLayerOptions transformer_layer_options(const Settings& settings, bool causal) {
  const int64_t width = settings.size("width");
  FeedForward::Options feed_forward{.width = width,
                                    .inner_width = feed_forward_width(settings, width),
                                    .activation = activation_setting(settings, "activation")};
  if (settings.has("gate_activation"))
    feed_forward.gate_activation = activation_setting(settings, "gate_activation");
  return {.attention = attention_options(settings, causal),
          .feed_forward = feed_forward,
          .experts = expert_options(settings, feed_forward),
          .norm = norm_options(settings),
          .head_norm = norm_options(settings, "head"),
          .pre_norms = settings.flag("pre_norms", true),
          .parallel = settings.flag("parallel", false),
          .norm_after = settings.flag("norm_after", false),
          .residual_of_norm = settings.flag("residual_of_norm", false),
          .residual_scale = static_cast<float>(settings.real("residual_scale", 1)),
          .convolution = settings.size("convolution_length", 0)};
}

TransformerLayer::Mixer TransformerLayer::make_mixer(const WeightScope& scope,
                                                     const TransformerLayerOptions& options) {
  if (options.convolution > 0 && ShortConvolution::in(scope.at("convolution")))
    return ShortConvolution(scope.at("convolution"), options.attention.width, options.convolution);
  return SelfAttention(scope.at("attention"), options.attention, options.head_norm);
}

TransformerLayer::Network TransformerLayer::make_network(const WeightScope& scope,
                                                         const TransformerLayerOptions& options) {
  if (options.experts.experts > 0 && ExpertMixture::in(scope)) return ExpertMixture(scope, options.experts);
  return FeedForward(scope, options.feed_forward);
}

TransformerLayer::TransformerLayer(const WeightScope& scope, const TransformerLayerOptions& options)
    : parallel_(options.parallel),
      norm_after_(options.norm_after),
      residual_of_norm_(options.residual_of_norm),
      residual_scale_(options.residual_scale),
      attention_norm_(norm_before(scope.at("attention_norm"), options, /*may_lack=*/false)),
      attention_post_norm_(norm_behind(scope.at("attention_post_norm"), options)),
      mixer_(make_mixer(scope, options)),
      feed_forward_norm_(norm_before(scope.at("feed_forward_norm"), options, options.parallel)),
      feed_forward_post_norm_(norm_behind(scope.at("feed_forward_post_norm"), options)),
      network_(make_network(scope.at("feed_forward"), options)),
      attention_gain_(gain_in(scope, "attention_gain", options)),
      feed_forward_gain_(gain_in(scope, "feed_forward_gain", options)) {
  if (!scope.has("cross_attention.query.weight")) return;
  cross_attention_norm_.emplace(scope.at("cross_attention_norm"), options.attention.width, options.norm);
  cross_attention_.emplace(scope.at("cross_attention"), options.attention);
}

template <class Part>
void TransformerLayer::add(const Part& part, const std::optional<Norm>& post_norm, const Tensor& gain,
                           const Rows& states, Workspace& workspace) const {
  if (!post_norm && gain.empty() && residual_scale_ == 1) return part(states, /*residual=*/true);
  const Workspace::Frame frame(workspace);
  const Rows result = workspace.rows(states.count, states.width);
  part(result, /*residual=*/false);
  if (post_norm) post_norm->forward(result, result);
  if (!gain.empty()) {
    const float* gains = gain.data<float>();
    for (int64_t row = 0; row < result.count; ++row)
      for (int64_t i = 0; i < result.width; ++i) states.row(row)[i] += gains[i] * result.row(row)[i];
    return;
  }
  for (int64_t i = 0; i < result.count * result.width; ++i)
    states.data[i] += residual_scale_ * result.data[i];
}

void TransformerLayer::mix(const Rows& x, const StepRows& step, const Rows& states,
                           Workspace& workspace) const {
  const auto part = [&](const Rows& out, bool residual) {
    std::visit([&](const auto& mixer) { mixer.forward(x, step, out, residual, workspace); }, mixer_);
  };
  add(part, attention_post_norm_, attention_gain_, states, workspace);
}

void TransformerLayer::feed(const Rows& x, const Rows& states, Workspace& workspace) const {
  const auto part = [&](const Rows& out, bool residual) {
    std::visit([&](const auto& network) { network.forward(x, out, residual, workspace); }, network_);
  };
  add(part, feed_forward_post_norm_, feed_forward_gain_, states, workspace);
}

void TransformerLayer::forward(const Rows& states, const StepRows& step, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  const Rows normed = workspace.rows(states.count, states.width);
  // Without a norm before a part, the part still reads what it adds to: from a copy.
  const auto prepare = [&](const std::optional<Norm>& norm, const Rows& to) {
    if (norm && !norm_after_)
      norm->forward(states, to);
    else
      std::copy_n(states.data, states.count * states.width, to.data);
    if (residual_of_norm_) std::copy_n(to.data, to.count * to.width, states.data);
  };

  prepare(attention_norm_, normed);
  if (parallel_) {
    Rows network_input = normed;
    if (feed_forward_norm_) {
      network_input = workspace.rows(states.count, states.width);
      feed_forward_norm_->forward(states, network_input);
    }
    mix(normed, step, states, workspace);
    feed(network_input, states, workspace);
    return;
  }
  mix(normed, step, states, workspace);
  if (norm_after_ && attention_norm_) attention_norm_->forward(states, states);

  if (cross_attention_) {
    cross_attention_norm_->forward(states, normed);
    cross_attention_->forward(normed, step.memories, states, workspace);
  }

  prepare(feed_forward_norm_, normed);
  feed(normed, states, workspace);
  if (norm_after_ && feed_forward_norm_) feed_forward_norm_->forward(states, states);
}

}  // namespace millrace
