#include "devices/capture_ring.h"

#include <algorithm>

namespace millrace {

// Whether sound goes on after a loss: there is room for it, and for word of the loss.
bool CaptureRing::end_loss() noexcept {
  const int64_t written = written_.load(std::memory_order_relaxed);
  const int64_t losses = losses_written_.load(std::memory_order_relaxed);
  if (written - taken_.load(std::memory_order_acquire) > capacity_ / 2) return false;
  if (losses - losses_taken_.load(std::memory_order_acquire) == kLosses) return false;
  losses_[static_cast<size_t>(losses % kLosses)] = {written, losing_};
  losses_written_.store(losses + 1, std::memory_order_release);
  losing_ = 0;
  return true;
}

void CaptureRing::write(const float* samples, int64_t frames, double captured_at) noexcept {
  if (closed_.load(std::memory_order_acquire)) return;
  const int64_t captured = captured_.load(std::memory_order_relaxed);
  zero_at_.store(captured_at - static_cast<double>(captured) / rate_, std::memory_order_release);
  const int64_t written = written_.load(std::memory_order_relaxed);
  int64_t kept = 0;
  if (losing_ == 0 || end_loss())
    kept = std::min(frames, capacity_ - (written - taken_.load(std::memory_order_acquire)));
  for (int64_t done = 0; done < kept;) {
    const int64_t at = (written + done) % capacity_, part = std::min(kept - done, capacity_ - at);
    std::copy_n(samples + done * channels_, part * channels_, samples_.data() + at * channels_);
    done += part;
  }
  written_.store(written + kept, std::memory_order_release);
  losing_ += frames - kept;
  lost_.store(lost_.load(std::memory_order_relaxed) + frames - kept, std::memory_order_release);
  captured_.store(captured + frames, std::memory_order_release);
}

int64_t CaptureRing::read(float* samples, int64_t most) {
  // In this order: losses before what is written by now have been told of by now.
  int64_t end = written_.load(std::memory_order_acquire);
  const int64_t loss = losses_taken_.load(std::memory_order_relaxed);
  if (loss < losses_written_.load(std::memory_order_acquire))
    end = std::min(end, losses_[static_cast<size_t>(loss % kLosses)].at);
  const int64_t count = std::min(end - read_, most);
  for (int64_t done = 0; done < count;) {
    const int64_t at = (read_ + done) % capacity_, part = std::min(count - done, capacity_ - at);
    std::copy_n(samples_.data() + at * channels_, part * channels_, samples + done * channels_);
    done += part;
  }
  read_ += count;
  taken_.store(read_, std::memory_order_release);
  return count;
}

int64_t CaptureRing::take_loss(bool writer_gone) {
  const int64_t loss = losses_taken_.load(std::memory_order_relaxed);
  int64_t lost = 0;
  if (loss < losses_written_.load(std::memory_order_acquire)) {
    const Loss& next = losses_[static_cast<size_t>(loss % kLosses)];
    if (next.at != read_) return 0;
    lost = next.lost;
    losses_taken_.store(loss + 1, std::memory_order_release);
  } else if (writer_gone && waiting() == 0) {
    lost = lost_.load(std::memory_order_acquire) - told_;
  }
  told_ += lost;
  return lost;
}

}  // namespace millrace
