#include "models/layers/expert_mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/error.h"

namespace millrace {

ExpertMixture::Options expert_options(const Settings& settings, const FeedForward::Options& feed_forward) {
  ExpertMixture::Options options{.expert = feed_forward};
  if (!settings.has("experts")) return options;
  options.experts = settings.size("experts");
  options.chosen = settings.size("experts_per_token");
  if (options.chosen > options.experts)
    fail_at(ErrorKind::model, settings.where("experts_per_token"), "{} of {} experts cannot be chosen",
            options.chosen, options.experts);
  options.expert.inner_width = settings.size("expert_width", feed_forward.inner_width);
  options.normalised = settings.flag("normalised_routes", true);
  options.shared_width = settings.size("shared_expert_width", 0);
  return options;
}

ExpertMixture::ExpertMixture(const WeightScope& scope, const Options& options)
    : options_(options), router_(scope.at("router"), options.experts, options.expert.width) {
  const bool stacked = scope.has("experts.down.weight");
  for (int64_t i = 0; i < options.experts; ++i)
    experts_.emplace_back(stacked ? scope.at("experts").stacked(i) : scope.at("experts", i), options.expert);
  if (scope.has("router.correction"))
    correction_ =
        scope.get_any("router.correction", static_cast<int64_t>(scope.shape("router.correction").size()))
            .to_float32()
            .reshaped({options.experts});
  if (!scope.has("shared.down.weight")) return;
  auto shared = options.expert;
  shared.inner_width =
      options.shared_width > 0 ? options.shared_width : scope.shape("shared.down.weight").back();
  shared_.emplace(scope.at("shared"), shared);
  if (scope.has("shared_gate.weight")) shared_gate_.emplace(scope.at("shared_gate"), 1, options.expert.width);
}

// For each expert the rows that go to it, and what its result weighs there.
std::vector<std::vector<ExpertMixture::Choice>> ExpertMixture::route(const Rows& x,
                                                                     Workspace& workspace) const {
  const Rows scores = workspace.rows(x.count, options_.experts);
  router_.forward(x, scores);
  kernels::softmax(scores.data, scores.count, scores.width);
  std::vector<std::vector<Choice>> routes(experts_.size());
  std::vector<size_t> order(experts_.size());
  std::vector<float> ranks(experts_.size());
  for (int64_t row = 0; row < x.count; ++row) {
    const float* score = scores.row(row);
    std::copy_n(score, ranks.size(), ranks.begin());
    if (!correction_.empty()) kernels::add(correction_.data<float>(), correction_.count(), ranks.data());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::stable_sort(order, [&](size_t a, size_t b) { return ranks[a] > ranks[b]; });
    float sum = 0;
    for (int64_t i = 0; i < options_.chosen; ++i) sum += score[order[static_cast<size_t>(i)]];
    for (int64_t i = 0; i < options_.chosen; ++i) {
      const size_t expert = order[static_cast<size_t>(i)];
      routes[expert].push_back({row, options_.normalised ? score[expert] / sum : score[expert]});
    }
  }
  return routes;
}

void ExpertMixture::add_shared(const Rows& x, const Rows& out, Workspace& workspace) const {
  if (!shared_gate_) return shared_->forward(x, out, /*residual=*/true, workspace);
  const Rows result = workspace.rows(x.count, x.width), gates = workspace.rows(x.count, 1);
  shared_->forward(x, result, /*residual=*/false, workspace);
  shared_gate_->forward(x, gates);
  for (int64_t row = 0; row < x.count; ++row) {
    const float weight = 1 / (1 + std::exp(-*gates.row(row)));
    for (int64_t i = 0; i < x.width; ++i) out.row(row)[i] += weight * result.row(row)[i];
  }
}

void ExpertMixture::forward(const Rows& x, const Rows& out, bool residual, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  if (!residual)
    for (int64_t row = 0; row < out.count; ++row) std::fill_n(out.row(row), out.width, 0.f);
  const auto routes = route(x, workspace);
  for (size_t e = 0; e < experts_.size(); ++e) {
    const auto count = static_cast<int64_t>(routes[e].size());
    if (count == 0) continue;
    const Workspace::Frame one(workspace);
    const Rows given = workspace.rows(count, x.width), result = workspace.rows(count, x.width);
    for (int64_t i = 0; i < count; ++i)
      std::copy_n(x.row(routes[e][static_cast<size_t>(i)].row), x.width, given.row(i));
    experts_[e].forward(given, result, /*residual=*/false, workspace);
    for (int64_t i = 0; i < count; ++i) {
      const auto& [row, weight] = routes[e][static_cast<size_t>(i)];
      for (int64_t j = 0; j < x.width; ++j) out.row(row)[j] += weight * result.row(i)[j];
    }
  }
  if (shared_) add_shared(x, out, workspace);
}

}  // namespace millrace
