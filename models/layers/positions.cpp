#include "models/layers/positions.h"

#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

constexpr double kLongestPeriod = 10000;

Tensor sinusoids(int64_t positions, int64_t width) {
  Tensor result(DType::float32, {positions, width});
  const int64_t half = width / 2;
  const double step = std::log(kLongestPeriod) / static_cast<double>(std::max<int64_t>(1, half - 1));
  float* row = result.mutable_data<float>();
  for (int64_t position = 0; position < positions; ++position, row += width)
    for (int64_t i = 0; i < half; ++i) {
      const double angle = static_cast<double>(position) * std::exp(-step * static_cast<double>(i));
      row[i] = static_cast<float>(std::sin(angle));
      row[half + i] = static_cast<float>(std::cos(angle));
    }
  return result;
}

}  // namespace

Tensor position_embeddings(const Settings& settings, const WeightScope& weights, int64_t offset,
                           int64_t width) {
  const int64_t positions = offset + settings.size("positions");
  if (settings.flag("sinusoidal_positions", false) && !weights.has("positions.weight")) {
    if (width % 2 != 0)
      fail_at(ErrorKind::model, settings.where("width"), "sinusoidal positions need an even width, not {}",
              width);
    if (positions * width > int64_t{1} << 30)
      fail_at(ErrorKind::model, settings.where("positions"), "{} positions of {} are too many", positions,
              width);
    return sinusoids(positions, width);
  }
  return weights.at("positions").get_float("weight", {positions, width});
}

}  // namespace millrace
