#include "devices/speech_program.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "preprocess/audio_source.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

// A program that writes what it is given, its options first, to the file that -w names.
std::string recorder(const fs::path& folder) {
  const fs::path program = folder / "recorder";
  std::ofstream(program) << "#!/bin/sh\n"
                            "all=\"$*\"\n"
                            "while [ $# -gt 0 ]; do [ \"$1\" = -w ] && file=\"$2\"; shift; done\n"
                            "[ -n \"$file\" ] || exit 0\n"
                            "{ echo \"$all\"; cat; } > \"$file\"\n";
  fs::permissions(program, fs::perms::owner_all);
  return program;
}

TEST(Speakable, LeavesOutWhatIsNotRead) {
  EXPECT_EQ(speakable("**Bold**\tand\x01 `code` <b> [[x]]"), "  Bold   and   code   b    x  ");
  EXPECT_EQ(speakable("Grüße, 世界!"), "Grüße, 世界!");
  EXPECT_EQ(speakable(" ... --- \n"), "");
  EXPECT_EQ(speakable(""), "");
}

TEST(SpeechProgram, TextsGoThroughStandardInputAlone) {
  const TemporaryFolder folder;
  const std::string file = folder.path() / "given";
  const SpeechProgram program({.program = recorder(folder.path()), .voice = "de", .words_per_minute = 200});
  EXPECT_TRUE(program.speak("-w /etc/passwd; $(true)", {}, file));
  std::ifstream given(file);
  std::string options, text;
  std::getline(given, options);
  std::getline(given, text);
  EXPECT_EQ(options, "--stdin -b 1 -s 200 -v de -w " + file);
  EXPECT_EQ(text, "-w /etc/passwd; $(true)");
}

TEST(SpeechProgram, WithoutTheProgramTheErrorNamesThePackage) {
  try {
    SpeechProgram({.program = "/nowhere/espeak-ng"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_NE(error.message().find("package espeak-ng"), std::string::npos);
  }
}

TEST(SpeechProgram, TheRealOneSpeaks) {
  if (std::system("command -v espeak-ng > /dev/null") != 0) GTEST_SKIP() << "espeak-ng is not installed";
  const TemporaryFolder folder;
  const std::string file = folder.path() / "spoken.wav";
  const SpeechProgram program({});
  EXPECT_TRUE(program.speak("-v de, --stdin <break time=\"60s\"/> [[h@loU]]", {}, file));
  const auto sound = open_audio(file, {});
  int64_t samples = 0;
  while (const auto clip = sound->next()) samples += clip->length();
  EXPECT_GT(samples, 16000);
  EXPECT_LT(samples, 16000 * 20);
  EXPECT_THROW(SpeechProgram({.voice = "zzqq"}), Error);  // "no-…" would be Norwegian
}

}  // namespace
}  // namespace millrace
