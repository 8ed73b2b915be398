#pragma once
#include <cstdint>
#include <map>
#include <optional>

namespace millrace {

// Scores of labels averaged over time, the newest weighing most: what was seen `seconds` ago weighs 1/e. Each
// picture counts by the time since the one before, so that pictures may come at any pace.
class SmoothedScores {
 public:
  // 0: no smoothing.
  explicit SmoothedScores(double seconds) : seconds_(seconds) {}

  // The scores of a picture at a time in its stream. A label that it does not have scored 0.
  void add(const std::map<int64_t, double>& scores, double time);
  const std::map<int64_t, double>& scores() const { return scores_; }

 private:
  double seconds_;
  std::optional<double> time_;
  std::map<int64_t, double> scores_;
};

}  // namespace millrace
