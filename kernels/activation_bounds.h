#pragma once
#include <limits>
#include <optional>

#include "kernels/types.h"

namespace millrace::kernels {

// What values are held between: min(upper, max(lower, x)).
struct Bounds {
  float lower = -std::numeric_limits<float>::infinity(), upper = std::numeric_limits<float>::infinity();
};

// Of the activations that do no more than that.
inline std::optional<Bounds> bounds_of(Activation activation) {
  if (activation == Activation::none) return Bounds{};
  if (activation == Activation::relu) return Bounds{.lower = 0};
  if (activation == Activation::relu6) return Bounds{.lower = 0, .upper = 6};
  return std::nullopt;
}

}  // namespace millrace::kernels
