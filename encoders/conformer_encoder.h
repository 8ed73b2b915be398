#pragma once
#include <optional>
#include <vector>

#include "models/layers/conformer_layer.h"
#include "models/layers/workspace_pool.h"
#include "models/settings.h"

namespace millrace {

// A conformer over the features of sounds whose middle layer sees what its states tell of the letters spoken
// ("Granite Speech", Saon et al., 2025; Nozaki and Komatsu, "Relaxing the conditional independence assumption
// of CTC-based ASR", 2021). Weights: input; layers.N; letters and from_letters, of the probabilities of
// letters. From the settings of attention_options and
//   bands, layers   of the features; how many layers
//   context         rows that attend to each other
//   expansion       times the width is that of the feed-forward networks
// Immutable: one instance serves all threads.
class ConformerEncoder {
 public:
  ConformerEncoder(const Settings& settings, const WeightScope& weights);

  int64_t bands() const { return input_.inputs(); }
  int64_t width() const { return input_.outputs(); }

  // features [n, rows, bands] float32 to states [n, rows, width]. Another shape is Error(input).
  Tensor encode(const Tensor& features) const;

 private:
  void add_letters(const Rows& states, Workspace& workspace) const;

  Linear input_;
  std::vector<ConformerLayer> layers_;
  Linear letters_, from_letters_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
