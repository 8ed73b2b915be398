#pragma once
#include <memory>
#include <span>
#include <vector>

struct soxr;

namespace millrace {

// Mono sound from one rate to another, in any pieces: the same samples come out as in one go.
class Resampler {
 public:
  Resampler(int from_rate, int to_rate);
  ~Resampler();
  Resampler(const Resampler&) = delete;
  Resampler& operator=(const Resampler&) = delete;

  void push(std::span<const float> samples, std::vector<float>& out);  // appends to `out`
  void finish(std::vector<float>& out);

 private:
  void run(const float* samples, size_t count, std::vector<float>& out);
  double ratio_;
  soxr* state_ = nullptr;  // null where the rates are equal
};

}  // namespace millrace
