#include "models/layers/alibi.h"

#include <bit>
#include <cmath>

#include "kernels/kernels.h"

namespace millrace {
namespace {

float to_bfloat16(float value) {
  uint16_t half = 0;
  kernels::convert(&value, 1, DType::bfloat16, &half);
  return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
}

// `count` slopes in a geometric sequence over a power of two of heads, taking every `step`th.
void append_slopes(int64_t power_of_two, int64_t count, int64_t step, std::vector<float>& slopes) {
  const double base = std::exp2(-std::exp2(3 - std::log2(static_cast<double>(power_of_two))));
  for (int64_t i = 0; i < count; ++i)
    slopes.push_back(static_cast<float>(std::pow(base, static_cast<double>(1 + i * step))));
}

}  // namespace

Alibi::Alibi(const Settings& settings, int64_t heads, float scale)
    : rounded_(settings.flag("alibi_rounded", false)),
      scale_(settings.has("alibi_scaled") ? static_cast<float>(settings.real("alibi_scaled")) * scale : 1) {
  const auto power = static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(heads)));
  append_slopes(power, power, 1, slopes_);
  append_slopes(2 * power, heads - power, 2, slopes_);
  if (rounded_)
    for (float& slope : slopes_) slope = to_bfloat16(slope);
}

void Alibi::fill(const Rows& bias) const {
  for (int64_t head = 0; head < bias.count; ++head) {
    for (int64_t key = 0; key < bias.width; ++key) {
      const float value = slopes_[static_cast<size_t>(head)] * static_cast<float>(key);
      bias.row(head)[key] = (rounded_ ? to_bfloat16(value) : value) * scale_;
    }
  }
}

}  // namespace millrace
