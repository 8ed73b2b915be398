#include "devices/film_recorder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "preprocess/film_reader.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

Image grey(int64_t height, int64_t width, uint8_t level) {
  Image image(height, width);
  std::ranges::fill(image.pixels, level);
  return image;
}

size_t files_in(const fs::path& folder) {
  return static_cast<size_t>(std::distance(fs::directory_iterator(folder), {}));
}

TEST(FilmRecorder, ShowsEachPictureUntilTheNext) {
  for (const char* name : {"film.mp4", "film.mkv", "film.avi"}) {
    const TemporaryFolder folder;
    const fs::path path = folder.path() / name;
    FilmRecorder recorder(path);
    recorder.add(grey(48, 64, 40), 10);
    recorder.add(grey(48, 64, 120), 11);
    recorder.add(grey(96, 128, 200), 11.5);  // brought to the first one's size
    EXPECT_FALSE(fs::exists(path));
    EXPECT_TRUE(recorder.finish());
    EXPECT_EQ(files_in(folder.path()), 1u);
    FilmReader film(path.string());
    int frames = 0;
    while (const auto image = film.next()) {
      EXPECT_EQ(image->width, 64);
      const double seconds = *image->seconds + 1e-3;
      const int expected = seconds < 1 ? 40 : seconds < 1.5 ? 120 : 200;
      EXPECT_NEAR(image->row(24)[96], expected, 6) << name << " at " << seconds;
      ++frames;
    }
    EXPECT_EQ(frames, 46) << name;
  }
}

TEST(FilmRecorder, LeavesNothingOfAFilmThatIsNotFinished) {
  const TemporaryFolder folder;
  {
    FilmRecorder recorder(folder.path() / "film.mp4");
    recorder.add(grey(48, 64, 40), 0);
    EXPECT_EQ(files_in(folder.path()), 1u);
  }
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(FilmRecorder, MakesNoFilmOfNoPictures) {
  const TemporaryFolder folder;
  {
    FilmRecorder recorder(folder.path() / "film.mp4");
    EXPECT_FALSE(recorder.finish());
  }
  EXPECT_EQ(files_in(folder.path()), 0u);
}

TEST(FilmRecorder, TakesPicturesOfAnySize) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "film.mp4";
  FilmRecorder recorder(path);
  recorder.add(grey(13, 17, 90), 0);
  EXPECT_TRUE(recorder.finish());
  EXPECT_TRUE(FilmReader(path.string()).next());
}

TEST(FilmRecorder, RefusesWhatItCannotWrite) {
  const TemporaryFolder folder;
  EXPECT_THROW(FilmRecorder(folder.path() / "film.gif"), Error);
  EXPECT_THROW(FilmRecorder(folder.path() / "no" / "folder.mp4"), Error);
}

}  // namespace
}  // namespace millrace
