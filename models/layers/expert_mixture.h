#pragma once
#include <optional>
#include <vector>

#include "models/layers/feed_forward.h"
#include "models/settings.h"

namespace millrace {

// Several feed-forward networks of which a router picks a few for each token (Shazeer et al., 2017; Fedus et
// al., 2022). Weights: router, experts.{i} (or experts, stacked), and where the checkpoint has them shared,
// shared_gate, and router.correction, which is added to the router's probabilities for the choice alone.
class ExpertMixture {
 public:
  struct Options {
    FeedForward::Options expert;
    int64_t experts = 0, chosen = 0;
    bool normalised = true;    // the weights of the chosen add up to 1
    int64_t shared_width = 0;  // of the network that every token goes through; 0: as the weights say
  };
  ExpertMixture(const WeightScope& scope, const Options& options);
  static bool in(const WeightScope& scope) { return scope.has("router.weight"); }

  // out = the weighted results; with `residual`, out + those.
  void forward(const Rows& x, const Rows& out, bool residual, Workspace& workspace) const;

 private:
  struct Choice {
    int64_t row;
    float weight;
  };
  std::vector<std::vector<Choice>> route(const Rows& x, Workspace& workspace) const;
  void add_shared(const Rows& x, const Rows& out, Workspace& workspace) const;

  Options options_;
  Linear router_;
  Tensor correction_;  // [experts], may be empty
  std::vector<FeedForward> experts_;
  std::optional<FeedForward> shared_;
  std::optional<Linear> shared_gate_;
};

// From the settings experts, experts_per_token, expert_width, normalised_routes and shared_expert_width, as
// far as `feed_forward` doesn't say them.
ExpertMixture::Options expert_options(const Settings& settings, const FeedForward::Options& feed_forward);

}  // namespace millrace
