#include "preprocess/resampler.h"

#include <soxr.h>

#include "base/error.h"

namespace millrace {

Resampler::Resampler(int from_rate, int to_rate) : ratio_(static_cast<double>(to_rate) / from_rate) {
  if (from_rate == to_rate) return;
  soxr_error_t error = nullptr;
  const soxr_io_spec_t io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  const soxr_runtime_spec_t runtime = soxr_runtime_spec(1);  // threads belong to the graph
  state_ = soxr_create(from_rate, to_rate, 1, &error, &io, &quality, &runtime);
  if (error != nullptr)
    fail(ErrorKind::internal, "cannot resample from {} to {}: {}", from_rate, to_rate, error);
}

Resampler::~Resampler() { soxr_delete(state_); }

void Resampler::push(std::span<const float> samples, std::vector<float>& out) {
  if (state_ == nullptr) {
    out.insert(out.end(), samples.begin(), samples.end());
  } else if (!samples.empty()) {
    run(samples.data(), samples.size(), out);
  }
}

void Resampler::finish(std::vector<float>& out) {
  if (state_ != nullptr) run(nullptr, 0, out);
}

void Resampler::run(const float* samples, size_t count, std::vector<float>& out) {
  while (true) {
    const size_t before = out.size();
    const size_t room = static_cast<size_t>(static_cast<double>(count) * ratio_) + 4096;
    out.resize(before + room);
    size_t taken = 0, made = 0;
    const soxr_error_t error = soxr_process(state_, samples, count, &taken, out.data() + before, room, &made);
    out.resize(before + made);
    if (error != nullptr) fail(ErrorKind::internal, "resampling failed: {}", error);
    if (samples != nullptr) samples += taken;
    count -= taken;
    if (count == 0 && made < room) return;
  }
}

}  // namespace millrace
