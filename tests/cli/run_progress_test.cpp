#include "cli/run_progress.h"

#include <gtest/gtest.h>

#include "tests/preprocess/test_films.h"
#include "tests/temporary_folder.h"

namespace millrace::cli {
namespace {

const std::string kKennedy = MILLRACE_SOURCE_DIR "/samples/kennedy.wav";

Progress at(size_t finished, double seconds) { return {.finished = finished, .seconds = seconds}; }

TEST(RunProgress, TellsTheFileAndHowFarItIs) {
  RunProgress progress({kKennedy});
  EXPECT_EQ(progress.text(at(0, kNoTime)), "kennedy.wav");
  EXPECT_EQ(progress.text(at(0, 5.5)), "kennedy.wav at 0:00:05 of 0:00:11 (50 %)");
  EXPECT_EQ(progress.text(at(0, 30)), "kennedy.wav at 0:00:30 of 0:00:11 (100 %)") << "a header may be wrong";
  EXPECT_EQ(progress.text(at(1, kNoTime)), "");
}

TEST(RunProgress, CountsFilesAndTakesWhatHasNoLength) {
  RunProgress progress({"missing.wav", "-", "/dev/null"});
  EXPECT_EQ(progress.text(at(0, kNoTime)), "0 of 3 files, missing.wav");
  EXPECT_EQ(progress.text(at(1, 3661)), "1 of 3 files, standard input at 1:01:01");
  EXPECT_EQ(progress.text(at(2, 1)), "2 of 3 files, null at 0:00:01");
}

TEST(RunProgress, KnowsTheLengthOfFilmsWithoutSound) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "film.avi";
  write_film(path, 40, 10);
  RunProgress progress({path.string()});
  EXPECT_EQ(progress.text(at(0, 1)), "film.avi at 0:00:01 of 0:00:04 (25 %)");
}

}  // namespace
}  // namespace millrace::cli
