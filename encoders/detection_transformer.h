#pragma once
#include <memory>
#include <vector>

#include "encoders/image_encoder.h"
#include "models/layers/convolution.h"
#include "models/layers/detection_layer.h"
#include "models/layers/map_positions.h"
#include "models/layers/workspace_pool.h"

namespace millrace {

// What a detector's transformer makes of pictures, float32.
struct QueryStates {
  Tensor last_hidden_state;          // [B, queries, width]
  Tensor encoder_last_hidden_state;  // [B, positions, width]
};

// DETR: an encoder over a backbone's last feature map and a decoder of queries for what is on the picture
// (Carion et al., "End-to-end object detection with transformers", 2020). From the settings
//   width, activation   of all layers
//   learned_positions   of the map, else sines
//   encoder.*, decoder.*: layers, heads, feed_forward_width
//   normed_layers       the norm behind the decoder follows each of its layers, too
// Weights: input_projection, positions, query_positions, encoder.layers.N, decoder.layers.N, decoder.norm.
// Immutable: one instance serves all threads.
class DetectionTransformer {
 public:
  DetectionTransformer(std::shared_ptr<const Backbone> backbone, const Settings& settings,
                       const WeightScope& weights);

  int64_t width() const { return width_; }
  int64_t queries() const { return queries_.dim(0); }
  // pixel_values [B, channels, height, width] float32; pixel_mask [B, height, width] of any type, 0 for
  // padding, or null for none. A mask of another shape is Error(input).
  QueryStates encode(const Tensor& pixel_values, const Tensor* pixel_mask) const;

 private:
  static Convolution projection(const Backbone& backbone, const WeightScope& scope, int64_t width);
  std::vector<DetectionLayer> layers(const Settings& settings, const WeightScope& scope,
                                     kernels::Activation activation) const;
  Tensor decode(const DetectionLayer::Memory& memory, int64_t images, Workspace& workspace) const;

  std::shared_ptr<const Backbone> backbone_;
  int64_t width_;
  Convolution input_projection_;
  MapPositions positions_;
  Tensor queries_;  // [queries, width], their positions
  std::vector<DetectionLayer> encoder_, decoder_;
  Norm norm_;
  bool normed_layers_;
  mutable WorkspacePool workspaces_;
};

}  // namespace millrace
