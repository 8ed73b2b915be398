#include "preprocess/clip_cutter.h"

#include <gtest/gtest.h>

#include "synthetic_source.h"

namespace millrace {
namespace {

float sample_at(int64_t i) { return static_cast<float>(i % 8191) / 8191.0f; }

struct Part {
  double start = 0;
  std::vector<float> samples;
};

// The parts of a recording of `length` samples, put together from their pieces.
std::vector<Part> parts_of(int64_t length, int64_t block, const RecordingParts& wanted) {
  ClipCutter cutter(wanted);
  SyntheticSource source(length, block, sample_at);
  std::vector<Part> parts;
  while (const auto clip = source.next()) {
    for (const ClipCutter::Piece& piece : cutter.push(*clip)) {
      if (piece.begins_part) parts.push_back({.start = piece.clip.seconds_at(0), .samples = {}});
      if (parts.empty()) ADD_FAILURE() << "a piece that belongs to no part";
      auto& samples = parts.back().samples;
      EXPECT_NEAR(piece.clip.seconds_at(0),
                  parts.back().start + static_cast<double>(samples.size()) / kSpeechRate, 1e-9);
      samples.insert(samples.end(), piece.clip.samples.begin(), piece.clip.samples.end());
    }
  }
  return parts;
}

TEST(ClipCutter, GivesTheSamplesOfEachPartWhateverTheBlocks) {
  const RecordingParts wanted = {{0.1, 0.25}, {0.25, 0.3}, {0.5, 0.5}, {0.8, std::nullopt}};
  for (const int64_t block : {1, 7, 1600, 5000, 100'000}) {
    const auto parts = parts_of(16'000, block, wanted);
    ASSERT_EQ(parts.size(), 3u) << block;
    const int64_t starts[] = {1600, 4000, 12'800}, ends[] = {4000, 4800, 16'000};
    for (size_t part = 0; part < 3; ++part) {
      EXPECT_DOUBLE_EQ(parts[part].start, static_cast<double>(starts[part]) / kSpeechRate);
      ASSERT_EQ(static_cast<int64_t>(parts[part].samples.size()), ends[part] - starts[part]);
      for (int64_t i = starts[part]; i < ends[part]; ++i)
        ASSERT_EQ(parts[part].samples[static_cast<size_t>(i - starts[part])], sample_at(i));
    }
  }
}

TEST(ClipCutter, WithoutPartsNamedEverythingIsOne) {
  const auto parts = parts_of(5000, 999, {{0, std::nullopt}});
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].samples.size(), 5000u);
}

TEST(ClipCutter, PartsBeyondTheRecordingGiveNothing) {
  EXPECT_TRUE(parts_of(1600, 500, {{7, 9}}).empty());
  const auto parts = parts_of(1600, 500, {{0.05, 9}});
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].samples.size(), 800u);
}

// Where silence was cut out, the times are still the recording's.
TEST(ClipCutter, FollowsTheRecordingsTime) {
  AudioClip block;
  for (int i = 0; i < 480; ++i) block.samples.push_back(static_cast<float>(i));
  block.spans = {{0, 1.0}, {160, 5.0}, {320, 9.0}};  // three times 0.01 s
  ClipCutter cutter({{0, 2}, {5, std::nullopt}});
  const auto pieces = cutter.push(block);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_TRUE(pieces[0].begins_part);
  EXPECT_TRUE(pieces[1].begins_part);
  EXPECT_FALSE(pieces[2].begins_part);
  EXPECT_EQ(pieces[1].clip.samples.front(), 160);
  EXPECT_DOUBLE_EQ(pieces[1].clip.seconds_at(0), 5);
  EXPECT_EQ(pieces[2].clip.samples.size(), 160u);
  EXPECT_DOUBLE_EQ(pieces[2].clip.seconds_at(0), 9);
}

}  // namespace
}  // namespace millrace
