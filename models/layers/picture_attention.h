#pragma once
#include <optional>

#include "models/layers/convolution.h"
#include "models/layers/linear.h"
#include "models/layers/picture_norm.h"

namespace millrace {

struct PictureAttentionOptions {
  int64_t width = 0, heads = 1;
  bool scaled_by_width = false;  // scores are divided by the root of the width, not of a head's
  PictureNorm::Kind norm = PictureNorm::Kind::positions;
  float norm_epsilon = 1e-5f;
  bool filtered = false;                        // filters come before the projections
  int64_t query_stride = 1, query_padding = 0;  // of those for queries
  int64_t key_stride = 1, key_padding = 0;      // of those for keys and values
};

// Self-attention of all positions of a picture. Weights: query, key, value and output; reduce and reduce_norm
// where keys and values are of a smaller picture (PVT: Wang et al., 2021; SegFormer: Xie et al., 2021). With
// filters, one for each channel, query_filters, key_filters and value_filters and their batch normalisations
// query_filters_norm and so on; they do not see the class token (CvT: Wu et al., 2021).
class PictureAttention {
 public:
  static bool in(const WeightScope& scope) { return scope.has("query.weight"); }
  PictureAttention(const WeightScope& scope, const PictureAttentionOptions& options);

  // out = output(attention(x)). Pictures too small for the filters are Error(input).
  void forward(const FeatureMap& x, const FeatureMap& out, Workspace& workspace) const;

 private:
  struct Filters {
    Convolution query, key, value;
  };
  std::optional<Filters> filters_in(const WeightScope& scope) const;

  PictureAttentionOptions options_;
  Linear query_, key_, value_, output_;
  std::optional<Convolution> reduce_;
  std::optional<PictureNorm> reduce_norm_;
  std::optional<Filters> filters_;
};

}  // namespace millrace
