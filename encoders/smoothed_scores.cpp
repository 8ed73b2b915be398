#include "encoders/smoothed_scores.h"

#include <cmath>

namespace millrace {
namespace {

constexpr double kForgotten = 1e-9;  // scores that no longer count

}  // namespace

void SmoothedScores::add(const std::map<int64_t, double>& scores, double time) {
  const double step = time_ ? std::fmax(time - *time_, 0) : 0;
  const double weight = time_ && seconds_ > 0 ? -std::expm1(-step / seconds_) : 1;
  time_ = time;
  for (auto& [label, score] : scores_) score *= 1 - weight;
  for (const auto& [label, score] : scores) scores_[label] += weight * score;
  std::erase_if(
      scores_, [&](const auto& entry) { return entry.second < kForgotten && !scores.contains(entry.first); });
}

}  // namespace millrace
