#pragma once
#include <optional>
#include <vector>

#include "models/layers/convolution.h"
#include "models/layers/picture_norm.h"
#include "models/layers/pyramid_layer.h"

namespace millrace {

struct PatchTransformerOptions {
  int64_t inputs = 0;
  int64_t patch_size = 2;  // pixels along an edge
  // What is beyond the last whole patch is left out and comes back as zeros; else the picture is resized.
  bool cropped = false;
  kernels::Activation activation = kernels::Activation::silu;
  float batch_norm_epsilon = 1e-5f;
  PyramidLayerOptions layer = {};  // but for its width, which the weights tell
};

// A convolution, then layers in which a pixel sees those at its own place in every other patch of the
// picture (MobileViT: Mehta and Rastegari, 2022, and its second version). Weights: local and enter, layers.N,
// norm, leave; and fusion, where the checkpoint has it, of what came in and what the layers made of it. Of
// local, leave and fusion the batch normalisations local_norm and so on.
class PatchTransformer {
 public:
  static bool in(const WeightScope& scope) { return scope.has("enter.weight"); }
  PatchTransformer(const WeightScope& scope, const PatchTransformerOptions& options);

  int64_t outputs() const { return fusion_ ? fusion_->outputs() : leave_.outputs(); }
  // A picture too small for a patch is Error(input), where it is not resized.
  FeatureMap forward(const FeatureMap& x, Workspace& workspace) const;

 private:
  static Convolution convolution(const WeightScope& scope, std::string_view name, int64_t inputs,
                                 const PatchTransformerOptions& options, bool activated);
  FeatureMap fitted(const FeatureMap& map, Workspace& workspace) const;
  FeatureMap unfold(const FeatureMap& map, Workspace& workspace) const;
  void fold(const FeatureMap& patches, const FeatureMap& map) const;
  void run_layers(const FeatureMap& patches, Workspace& workspace) const;

  PatchTransformerOptions options_;
  Convolution local_, enter_;
  std::vector<PyramidLayer> layers_;
  PictureNorm norm_;
  Convolution leave_;
  std::optional<Convolution> fusion_;
};

}  // namespace millrace
