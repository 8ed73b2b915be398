#pragma once
#include <span>
#include <vector>

#include "models/layers/rows.h"
#include "models/weights.h"

namespace millrace {

// y = activation(x · Wᵀ + b) + residual. `weight` [outputs, inputs]; `bias` [outputs] where the checkpoint
// has one.
class Linear {
 public:
  Linear(const WeightScope& scope, int64_t outputs, int64_t inputs);

  // Some of the outputs, or all in another order: output i is row order[i] of the weight, which has the shape
  // `stored`.
  Linear(const WeightScope& scope, const Shape& stored, std::span<const int64_t> order);

  // With the bias of another place.
  Linear(const WeightScope& scope, int64_t outputs, int64_t inputs, const WeightScope& bias);

  // Several layers of the same inputs as one, their outputs side by side: computed in one product, unless the
  // file has them quantised in different ways.
  struct Part {
    WeightScope scope;
    int64_t outputs;
  };
  Linear(std::span<const Part> parts, int64_t inputs);

  // A convolution's filters, which each patch meets once: a weight [outputs, …] of `inputs` values each.
  static Linear of_filters(const WeightScope& scope, int64_t outputs, int64_t inputs);

  struct Epilogue {
    kernels::Activation activation = kernels::Activation::none;
    const float* residual = nullptr;  // rows of y's stride; may be y itself
  };
  // x [n, inputs], y [n, outputs]. Rows of x may overlap.
  void forward(const Rows& x, const Rows& y, const Epilogue& epilogue) const;
  void forward(const Rows& x, const Rows& y) const { forward(x, y, {}); }

  int64_t inputs() const { return weights_.front().inputs(); }
  int64_t outputs() const;
  // Of a layer that is made of one part.
  const kernels::PackedMatrix& weight() const { return weights_.front(); }

 private:
  Linear() = default;
  std::vector<kernels::PackedMatrix> weights_;  // one, but for quantised parts of different types
  Tensor bias_;
};

}  // namespace millrace
