#pragma once
#include <optional>
#include <variant>
#include <vector>

#include "models/layers/convolution.h"
#include "models/layers/linear.h"
#include "models/layers/picture_size.h"
#include "models/layers/transposed_convolution.h"

namespace millrace {

// Makes pictures of several sizes out of the tokens that a vision transformer has behind several layers: the
// first steps of dense prediction transformers (Ranftl et al., 2021). From the settings
//   factors            by which each picture becomes larger
//   readout            what becomes of the class token: "ignore", "add" or "project" (beside every other
//   token) readout_activation behind that projection
// Weights, of each layer N: layers.N.projection and layers.N.resize, readout.N, and convolutions.N behind.
class FeatureReassembly {
 public:
  // Features of these widths, each with one token before the patches, which are of this size or, without one,
  // taken for a square.
  FeatureReassembly(const Settings& settings, const WeightScope& weights, const std::vector<int64_t>& widths,
                    std::optional<PictureSize> patch);

  int64_t count() const { return static_cast<int64_t>(stages_.size()); }
  int64_t width() const { return stages_.front().convolution.outputs(); }
  // How the patches of pictures of this size stand. Error(input) where they are no square and should be.
  PictureSize patches_of(const Tensor& features, int64_t height, int64_t width) const;
  // `features` [B, 1 + patches, width] each; the maps are the workspace's.
  std::vector<FeatureMap> forward(const std::vector<Tensor>& features, PictureSize patches,
                                  Workspace& workspace) const;

 private:
  struct Stage {
    std::optional<Linear> readout;
    Convolution projection;
    std::variant<std::monostate, TransposedConvolution, Convolution> resize;
    Convolution convolution;
  };
  enum class Readout { ignore, add, project };
  static Readout readout_of(const Settings& settings);
  Stage stage(const WeightScope& weights, int64_t number, double factor, int64_t width) const;
  FeatureMap patches(const Stage& stage, const Tensor& features, PictureSize patches,
                     Workspace& workspace) const;

  Readout readout_;
  kernels::Activation readout_activation_;
  std::optional<PictureSize> patch_;
  std::vector<Stage> stages_;
};

}  // namespace millrace
