#pragma once
#include <vector>

#include "encoders/image_features.h"
#include "models/layers/feature_map.h"

namespace millrace {

// Pictures to features. Immutable: one instance serves all threads.
class ImageEncoder {
 public:
  virtual ~ImageEncoder() = default;
  virtual int64_t channels() const = 0;                     // of the pictures that go in
  virtual int64_t width() const = 0;                        // of the features that come out
  virtual bool pools() const = 0;                           // whether there is a pooler_output
  virtual bool tells_class_token() const { return false; }  // whether there is a cls_token_value
  virtual int64_t prefix_tokens() const { return 0; }       // rows before those of the picture
  // pixel_values [B, channels, height, width] float32. A size that the model does not take is Error(input)
  // that says which it does.
  virtual ImageFeatures encode(const Tensor& pixel_values) const = 0;

  // The maps that heads for the parts of a picture see, in the workspace; and how many channels each has.
  virtual std::vector<int64_t> map_widths() const = 0;
  virtual std::vector<FeatureMap> maps(const Tensor& pixel_values, Workspace& workspace) const = 0;
};

// An encoder from which other models take what it has made of the pictures on the way.
class Backbone : public ImageEncoder {
 public:
  // What the chosen layers or stages give (see feature_stages), in their order and without the first
  // `skipped`: [B, positions, width], or of convolutional ones [B, channels, height, width].
  virtual std::vector<Tensor> features(const Tensor& pixel_values, size_t skipped) const = 0;
  virtual std::vector<int64_t> feature_widths() const = 0;  // the channels of each
};

// Error(input) unless the tensor is float32 [B, channels, height, width].
void check_pixel_values(const Tensor& pixel_values, int64_t channels);

// Some pictures of a batch with their channels last.
FeatureMap feature_map_of(const Tensor& pixel_values, int64_t first, int64_t count, Workspace& workspace);

// The same with zeros below and to the right of each, up to a multiple of `size`.
FeatureMap filled(const FeatureMap& map, int64_t size, Workspace& workspace);

// [B, channels, height, width].
Tensor tensor_of(const FeatureMap& map);

}  // namespace millrace
