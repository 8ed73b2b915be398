#include "cli/output_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/temporary_folder.h"

namespace millrace::cli {
namespace {

using ::testing::HasSubstr;

TEST(OutputFolder, GivesEachInputAFileOfItsName) {
  const TemporaryFolder folder;
  const auto out = std::filesystem::path(folder.path()) / "a" / "b";
  const OutputFolder files(out, {"x/talk.mp3", "-", "no ending", "two.dots.wav"}, ".srt");
  EXPECT_TRUE(std::filesystem::is_directory(out)) << "is created";
  EXPECT_EQ(files.file_of("x/talk.mp3"), out / "talk.srt");
  EXPECT_EQ(files.file_of("-"), out / "stdin.srt");
  EXPECT_EQ(files.file_of("no ending"), out / "no ending.srt");
  EXPECT_EQ(files.file_of("two.dots.wav"), out / "two.dots.srt");
}

TEST(OutputFolder, RefusesTwoResultsInOneFile) {
  const TemporaryFolder folder;
  try {
    OutputFolder(folder.path(), {"a/talk.mp3", "b/talk.wav"}, ".srt");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), HasSubstr("'a/talk.mp3' and 'b/talk.wav'"));
  }
}

TEST(OutputFolder, RefusesWhatIsNoFolder) {
  const TemporaryFolder folder;
  const auto file = folder.write("file", "");
  for (const auto& path : {std::filesystem::path(file), std::filesystem::path(file) / "below"}) try {
      OutputFolder(path, {"talk.mp3"}, ".srt");
      ADD_FAILURE() << path;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::io);
    }
}

}  // namespace
}  // namespace millrace::cli
