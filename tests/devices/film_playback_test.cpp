#include "devices/film_playback.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "tests/preprocess/test_films.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

class Playback : public testing::Test {
 protected:
  FilmPlayback film(int frames, double rate, double frames_per_second = 0) {
    const auto path = folder_.path() / "film.avi";
    write_film(path, frames, rate);
    return {path.string(), {.frames_per_second = frames_per_second}, clock_, stop_};
  }
  TemporaryFolder folder_;
  std::shared_ptr<VirtualClock> clock_ = std::make_shared<VirtualClock>();
  std::shared_ptr<CancelToken> stop_ = std::make_shared<CancelToken>();
};

TEST_F(Playback, GivesEachPictureAtItsTime) {
  clock_->wait_until(7, nullptr);
  auto video = film(20, 10);
  for (int i = 0; i < 20; ++i) {
    const auto next = video.next();
    ASSERT_TRUE(next && next->image);
    EXPECT_NEAR(*next->image->seconds, i * 0.1, 1e-6);
    EXPECT_EQ(next->image->began_at, 7);
    EXPECT_NEAR(clock_->now(), 7 + i * 0.1, 1e-6);
  }
  EXPECT_FALSE(video.next());
  const StreamCounts counts = video.finish();
  EXPECT_EQ(counts.captured, 20);
  EXPECT_EQ(counts.processed, 20);
  EXPECT_EQ(counts.dropped, 0);
}

TEST_F(Playback, DropsWhatIsLateAndCountsIt) {
  auto video = film(40, 10);
  ASSERT_TRUE(video.next());
  clock_->wait_until(2.02, nullptr);  // whoever asks was slow
  EXPECT_NEAR(*video.next()->image->seconds, 2.0, 1e-6) << "what is still new enough";
  int given = 2;
  while (video.next()) ++given;
  const StreamCounts counts = video.finish();
  EXPECT_EQ(counts.captured, 40);
  EXPECT_EQ(counts.processed, given);
  EXPECT_EQ(counts.dropped, 19);
  EXPECT_EQ(counts.captured, counts.processed + counts.dropped);
}

// Whose every look costs time, as if decoding took it.
class BusyClock final : public StreamClock {
 public:
  double now() const override { return now_ += 0.15; }
  bool wait_until(double seconds, const CancelToken*) override {
    now_ = std::max(now_, seconds);
    return true;
  }

 private:
  mutable double now_ = 0;
};

TEST_F(Playback, NeverFallsFarBehindHoweverSlowDecodingIs) {
  const auto path = folder_.path() / "film.avi";
  write_film(path, 100, 10);
  const auto clock = std::make_shared<BusyClock>();
  FilmPlayback video(path.string(), {}, clock, stop_);
  int given = 0;
  while (const auto next = video.next()) {
    EXPECT_LT(clock->now() - next->image->began_at - *next->image->seconds, 0.5);
    ++given;
  }
  EXPECT_GE(given, 15);
  const StreamCounts counts = video.finish();
  EXPECT_EQ(counts.captured, 100);
  EXPECT_EQ(counts.captured, counts.processed + counts.dropped);
}

TEST_F(Playback, GivesNoMorePicturesASecondThanAreWanted) {
  auto video = film(40, 10, 5);
  std::vector<double> times;
  while (const auto next = video.next()) times.push_back(*next->image->seconds);
  ASSERT_EQ(times.size(), 20u);
  for (size_t i = 0; i < times.size(); ++i) EXPECT_NEAR(times[i], static_cast<double>(i) * 0.2, 1e-6);
  EXPECT_EQ(video.finish().dropped, 20);
}

TEST_F(Playback, EndsWhenItIsToldTo) {
  auto video = film(20, 10);
  ASSERT_TRUE(video.next());
  stop_->cancel();
  EXPECT_FALSE(video.next());
  EXPECT_EQ(video.finish().captured, 1);
}

TEST_F(Playback, SaysWhichFilmIsMissing) {
  EXPECT_THROW(open_live_video("/no/such/film.mp4", {}, clock_, stop_), Error);
  EXPECT_THROW(open_live_video("ftp://camera/stream", {}, clock_, stop_), Error);
}

}  // namespace
}  // namespace millrace
