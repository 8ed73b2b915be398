#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "graph/runtime/run_types.h"

namespace millrace::cli {

// How far a run over files is, in words for a line on a terminal:
//   2 of 5 files, talk.mp3 at 0:12:30 of 1:02:11 (20 %), 0:03:10 left
class RunProgress {
 public:
  explicit RunProgress(std::vector<std::string> inputs) : inputs_(std::move(inputs)) {}

  std::string text(const Progress& progress);

 private:
  void begin(size_t item);
  std::string time_left(double seconds) const;

  std::vector<std::string> inputs_;
  std::optional<size_t> item_;     // the oldest that is not finished
  std::optional<double> seconds_;  // how long it is, where its file says so
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace millrace::cli
