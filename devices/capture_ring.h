#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <vector>

namespace millrace {

// Sound on its way from a device's own thread, the one writer, to the one reader. The writer never waits,
// locks, allocates or logs. A frame is one sample of each channel.
class CaptureRing {
 public:
  CaptureRing(int rate, int channels, int64_t frames)
      : rate_(rate),
        channels_(channels),
        capacity_(frames),
        samples_(static_cast<size_t>(frames * channels)) {}

  int rate() const { return rate_; }
  int channels() const { return channels_; }

  // For the writer: takes `frames` frames, the first of which was captured at `captured_at` by the reader's
  // clock. When it is full, what comes is lost, and counted, until half of it is free again.
  void write(const float* samples, int64_t frames, double captured_at) noexcept;

  void close() { closed_.store(true, std::memory_order_release); }  // what is written from now on is ignored

  // For the reader: up to `most` of the frames that wait, none beyond a loss.
  int64_t read(float* samples, int64_t most);
  // How many frames were lost between what was read and what waits, once; 0: none. Where nothing waits and
  // the writer has gone, it also tells what was lost at the end.
  int64_t take_loss(bool writer_gone = false);

  int64_t captured() const { return captured_.load(std::memory_order_acquire); }
  int64_t lost() const { return lost_.load(std::memory_order_acquire); }  // of those captured
  int64_t waiting() const { return written_.load(std::memory_order_acquire) - read_; }
  // When frame 0 of all that was captured, by the newest ones' times, was; not a number before the first.
  double zero_at() const { return zero_at_.load(std::memory_order_acquire); }

 private:
  // Losses on their way to the reader: `lost` frames before frame `at` of those written.
  struct Loss {
    int64_t at = 0, lost = 0;
  };
  static constexpr int64_t kLosses = 16;

  bool end_loss() noexcept;

  const int rate_, channels_;
  const int64_t capacity_;
  std::vector<float> samples_;
  std::array<Loss, kLosses> losses_;
  std::atomic<int64_t> written_{0}, taken_{0};  // frames
  std::atomic<int64_t> losses_written_{0}, losses_taken_{0};
  std::atomic<int64_t> captured_{0}, lost_{0};
  std::atomic<bool> closed_{false};
  std::atomic<double> zero_at_{std::numeric_limits<double>::quiet_NaN()};
  int64_t losing_ = 0;           // the writer's: frames of the loss under way
  int64_t read_ = 0, told_ = 0;  // the reader's: frames read, and lost ones told of
  static_assert(std::atomic<int64_t>::is_always_lock_free && std::atomic<double>::is_always_lock_free);
};

}  // namespace millrace
