#include "models/layers/perceptron.h"

#include "base/error.h"

namespace millrace {
namespace {

Linear layer(const WeightScope& scope, int64_t inputs) {
  const Shape shape = scope.shape("weight");
  if (shape.size() != 2)
    fail_at(ErrorKind::model, scope.place("weight"), "has shape {}, but a matrix was expected",
            to_string(shape));
  return Linear(scope, shape[0], inputs);
}

}  // namespace

Perceptron::Perceptron(const WeightScope& scope, int64_t inputs) {
  if (scope.has("weight")) {
    layers_.push_back(layer(scope, inputs));
    return;
  }
  layers_.push_back(layer(scope.at("layers.0"), inputs));
  for (int64_t i = 1; scope.at("layers", i).has("weight"); ++i)
    layers_.push_back(layer(scope.at("layers", i), layers_.back().outputs()));
}

void Perceptron::forward(const Rows& x, const Rows& y, Workspace& workspace) const {
  const Workspace::Frame frame(workspace);
  Rows inner = x;
  for (size_t i = 0; i + 1 < layers_.size(); ++i) {
    const Rows next = workspace.rows(x.count, layers_[i].outputs());
    layers_[i].forward(inner, next, {.activation = kernels::Activation::relu});
    inner = next;
  }
  layers_.back().forward(inner, y);
}

}  // namespace millrace
