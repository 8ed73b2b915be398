#include "devices/capture_ring.h"

#include <gtest/gtest.h>

#include <thread>

namespace millrace {
namespace {

// Frames whose samples say which they are.
std::vector<float> frames_from(int64_t first, int64_t count, int channels) {
  std::vector<float> samples;
  for (int64_t i = first; i < first + count; ++i)
    for (int c = 0; c < channels; ++c) samples.push_back(static_cast<float>(i * channels + c));
  return samples;
}

TEST(CaptureRing, GivesWhatWasWritten) {
  CaptureRing ring(1000, 2, 10);
  std::vector<float> read(20);
  EXPECT_EQ(ring.read(read.data(), 10), 0);
  ring.write(frames_from(0, 7, 2).data(), 7, 50);
  EXPECT_DOUBLE_EQ(ring.zero_at(), 50);
  EXPECT_EQ(ring.read(read.data(), 5), 5);
  ring.write(frames_from(7, 8, 2).data(), 8, 50.01);  // goes around the end
  EXPECT_NEAR(ring.zero_at(), 50.003, 1e-9);
  EXPECT_EQ(ring.waiting(), 10);
  EXPECT_EQ(ring.read(read.data(), 10), 10);
  EXPECT_EQ(read, frames_from(5, 10, 2));
  EXPECT_EQ(ring.take_loss(true), 0);
}

TEST(CaptureRing, CountsWhatItHasNoRoomFor) {
  CaptureRing ring(1000, 1, 10);
  std::vector<float> read(10);
  ring.write(frames_from(0, 14, 1).data(), 14, 0);
  EXPECT_EQ(ring.lost(), 4);
  EXPECT_EQ(ring.read(read.data(), 2), 2);
  ring.write(frames_from(14, 1, 1).data(), 1, 0);  // less than half of it is free
  EXPECT_EQ(ring.lost(), 5);
  EXPECT_EQ(ring.read(read.data(), 8), 8);
  ring.write(frames_from(15, 3, 1).data(), 3, 0);
  EXPECT_EQ(ring.read(read.data(), 8), 0);  // nothing is read past a loss
  EXPECT_EQ(ring.take_loss(), 5);
  EXPECT_EQ(ring.take_loss(), 0);
  EXPECT_EQ(ring.read(read.data(), 8), 3);
  EXPECT_EQ(read[0], 15);
  ring.write(frames_from(18, 12, 1).data(), 12, 0);
  EXPECT_EQ(ring.read(read.data(), 10), 10);
  EXPECT_EQ(ring.take_loss(), 0);      // it goes on, as far as anyone knows
  EXPECT_EQ(ring.take_loss(true), 2);  // it does not
  EXPECT_EQ(ring.captured(), 30);
}

TEST(CaptureRing, IsExactBetweenTwoThreads) {
  CaptureRing ring(48000, 1, 500);
  constexpr int64_t kFrames = 2'000'000;
  std::atomic<bool> written = false;
  std::thread writer([&] {
    int64_t at = 0;
    for (int64_t size = 1; at < kFrames; size = size * 7 % 211 + 1) {
      ring.write(frames_from(at, size, 1).data(), size, 0);
      at += size;
    }
    written = true;
  });
  std::vector<float> read(300);
  int64_t next = 0, wrong = 0;
  while (true) {
    const bool over = written;
    next += ring.take_loss(over);
    const int64_t got = ring.read(read.data(), 300);
    for (int64_t i = 0; i < got; ++i) wrong += read[static_cast<size_t>(i)] != static_cast<float>(next + i);
    next += got;
    if (got == 0 && over && ring.waiting() == 0 && next >= ring.captured()) break;
  }
  writer.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(next, ring.captured());
}

}  // namespace
}  // namespace millrace
