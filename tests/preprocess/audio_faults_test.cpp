#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "preprocess/audio_source.h"
#include "test_files.h"
#include "tests/temporary_folder.h"
#include "wav_bytes.h"

namespace millrace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string recording(const std::string& name) { return golden_file("recordings/" + name); }

// The error that reading the whole of `path` ends in.
Error error_of(const std::string& path, const AudioOptions& options = {}) {
  try {
    read_all(*open_audio(path, options));
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), path) << error.what();
    return error;
  }
  ADD_FAILURE() << path << " was read without an error";
  return Error(ErrorKind::internal, "");
}

TEST(AudioFaults, WhatCannotBeOpenedSaysWhy) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.path() / "none.wav").kind(), ErrorKind::io);
  EXPECT_THAT(error_of(folder.path() / "none.wav").message(), HasSubstr("No such file"));
  EXPECT_EQ(error_of(folder.path()).kind(), ErrorKind::io);
  EXPECT_THAT(error_of(folder.path()).message(), HasSubstr("is a folder"));
  const auto secret = folder.write("secret.wav", "RIFF");
  ::chmod(secret.c_str(), 0);
  if (::geteuid() != 0) {
    EXPECT_THAT(error_of(secret).message(), HasSubstr("Permission denied"));
  }
  EXPECT_EQ(error_of(std::string(5000, 'x')).kind(), ErrorKind::io);
}

TEST(AudioFaults, WhatIsNotSoundIsNamed) {
  const TemporaryFolder folder;
  const auto expect = [&](const std::string& bytes, const std::string& name) {
    const Error error = error_of(folder.write("sound.wav", bytes));
    EXPECT_EQ(error.kind(), ErrorKind::input) << name;
    EXPECT_THAT(error.message(), HasSubstr(name));
  };
  expect("", "is empty");
  expect("<!DOCTYPE html><html><body>404 Not Found</body></html>", "an HTML page");
  expect("  <html lang=en>", "an HTML page");
  expect("<?xml version='1.0'?>", "an XML or HTML document");
  expect("\x89PNG\r\n\x1a\n0000", "a PNG picture");
  expect("\xff\xd8\xff\xe0 JFIF", "a JPEG picture");
  expect("%PDF-1.7", "a PDF document");
  expect("PK\x03\x04 and more", "a ZIP archive");
  expect("{\"error\": \"not found\"}", "a JSON document");
  expect("version https://git-lfs.github.com/spec/v1\noid sha256:0", "a Git LFS pointer");
  expect("#EXTM3U\n#EXT-X-TARGETDURATION:10\nhttp://127.0.0.1:1/x.ts\n", "a text file");
  expect("Gr\xc3\xbc\xc3\x9f Gott", "a text file");
  expect(std::string("\x7f") + "ELF\x02\x01", "a program");
  expect(std::string("\x01\x02\x03\x04\x00\x05\xff\xfe", 8), "no sound format");
  expect(std::string(10'000, '\0'), "no sound format");
}

// A playlist inside of a container's clothes must not make us open other files.
TEST(AudioFaults, OtherFilesAreNotOpened) {
  const TemporaryFolder folder;
  const auto list =
      folder.write("list.m4a", "ffconcat version 1.0\nfile '" + recording("stereo44.m4a") + "'\n");
  EXPECT_EQ(error_of(list).kind(), ErrorKind::input);
}

TEST(AudioFaults, HeadersThatClaimNonsense) {
  const TemporaryFolder folder;
  const std::string data(2000, '\1');
  const auto refused = [&](const WavHeader& header) {
    const Error error = error_of(folder.write("sound.wav", wav_bytes(header, data)));
    EXPECT_EQ(error.kind(), ErrorKind::input) << error.what();
  };
  refused({.channels = 0});
  refused({.channels = 65});
  refused({.channels = 1000});
  refused({.channels = 65535});
  refused({.sample_rate = 0});
  refused({.sample_rate = 999});
  refused({.sample_rate = 4'000'000'000u});
  refused({.bits = 0});
  refused({.bits = 7777});
  refused({.format = 9999});
}

TEST(AudioFaults, SoundWithoutSamplesIsAnError) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of(folder.write("none.wav", wav_bytes({}, ""))).kind(), ErrorKind::input);
  EXPECT_EQ(error_of(folder.write("header.wav", wav_bytes({.data_bytes = 32000}, ""))).kind(),
            ErrorKind::input);
}

TEST(AudioFaults, StreamsWhoseHeaderDoesNotKnowTheirLengthAreWhole) {
  const TemporaryFolder folder;
  const std::string data = bytes_of_samples(std::vector<int16_t>(5000, 100));
  for (const int64_t claimed :
       {int64_t{0xffffffff}, int64_t{0x7fffffff}, int64_t{0x7ffff000}, int64_t{0x80000000}}) {
    const auto source = open_audio(folder.write("long.wav", wav_bytes({.data_bytes = claimed}, data)));
    EXPECT_EQ(read_all(*source).size(), 5000u) << claimed;
    EXPECT_EQ(source->fault(), "") << claimed;
  }
}

TEST(AudioFaults, AWavCutShortSaysHowMuchIsMissing) {
  const TemporaryFolder folder;
  const auto fault_of = [&](const std::string& bytes) {
    const auto source = open_audio(folder.write("cut.wav", bytes));
    EXPECT_GT(read_all(*source).size(), 1000u);
    return source->fault();
  };
  const std::string data = bytes_of_samples(std::vector<int16_t>(32'000, 100));
  EXPECT_EQ(fault_of(wav_bytes({}, data)), "");
  EXPECT_EQ(fault_of(wav_bytes({.data_bytes = 160'000}, data)),
            "is cut short: 3.0 of its 5.0 seconds are missing");
  EXPECT_EQ(fault_of(wav_bytes({.channels = 2, .data_bytes = 80'000}, data)),
            "is cut short: 0.25 of its 1.25 seconds are missing");
  EXPECT_EQ(fault_of(wav_bytes({.data_bytes = 64'002}, data)), "");  // one sample is how some programs count
  for (const char* name : {"mono8_rf64.wav", "mono16_adpcm.wav", "mono8_mulaw.wav", "mono8.aiff"}) {
    const std::string bytes = bytes_of(recording(name));
    EXPECT_EQ(fault_of(bytes), "") << name;
    EXPECT_THAT(fault_of(bytes.substr(0, bytes.size() / 2)), HasSubstr("of its 0.5")) << name;
  }
}

// Cut after any byte: what is there is read, or there is one error. Never more than the whole has.
TEST(AudioFaults, FilesCutShortGiveWhatTheyHold) {
  const TemporaryFolder folder;
  for (const char* name : {"mono16_adpcm.wav", "mono8_mulaw.wav", "stereo44.flac", "stereo44.mp3",
                           "stereo44.ogg", "stereo44.m4a", "stereo48.webm", "mono8.caf"}) {
    const std::string bytes = bytes_of(recording(name));
    const size_t whole = read_all(*open_audio(recording(name))).size();
    size_t read = 0;
    for (size_t size = 0; size < bytes.size(); size += size < 128 ? 3 : 1 + bytes.size() / 23) {
      const auto path = folder.write("cut", bytes.substr(0, size));
      try {
        const size_t samples = read_all(*open_audio(path)).size();
        EXPECT_LE(samples, whole + 2048) << name << ' ' << size;
        read += samples > 0;
      } catch (const Error& error) {
        EXPECT_TRUE(error.kind() == ErrorKind::input) << error.what();
      }
    }
    const bool contents_at_the_end = std::string(name) == "stereo44.m4a";
    EXPECT_TRUE(read > 3 || contents_at_the_end) << name;
  }
}

// A chunk of information that claims two gigabytes.
TEST(AudioFaults, SizesInHeadersDoNotTakeMemory) {
  const TemporaryFolder folder;
  std::string bytes = wav_bytes({}, std::string(1000, '\1'));
  bytes.insert(36, std::string("LIST\x1a\0\0\x7f", 8) + std::string("INFOISFT\x0e\0\0\x7e", 12) +
                       std::string(14, 'x'));
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  error_of(folder.write("list.wav", bytes));
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 300 << 10);  // kB
}

TEST(AudioFaults, AFileThatEndsInTheMiddleSaysSo) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of(recording("stereo44.flac"));
  const auto source = open_audio(folder.write("cut.flac", bytes.substr(0, bytes.size() / 2)));
  const auto samples = read_all(*source);
  EXPECT_GT(samples.size(), 1000u);
  EXPECT_LT(samples.size(), 6000u);
  EXPECT_THAT(source->fault(), HasSubstr("cut short"));
}

TEST(AudioFaults, AnMp3CutShortSaysHowMuchIsMissing) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of(recording("stereo44.mp3"));
  const auto source = open_audio(folder.write("cut.mp3", bytes.substr(0, bytes.size() / 3)));
  EXPECT_GT(read_all(*source).size(), 1000u);
  EXPECT_THAT(source->fault(), HasSubstr("cut short"));
}

TEST(AudioFaults, DamagedBytesNeverCrash) {
  const TemporaryFolder folder;
  uint32_t state = 1;
  const auto random = [&] { return state = state * 1664525 + 1013904223; };
  for (const auto& file : std::filesystem::directory_iterator(golden_file("recordings"))) {
    const std::string bytes = bytes_of(file.path());
    for (int round = 0; round < 6; ++round) {
      std::string damaged = bytes;
      for (int i = 0; i < 1 + round * 3; ++i) {
        const size_t place =
            (random() >> 8) % (round % 2 == 0 ? std::min<size_t>(200, bytes.size()) : bytes.size());
        damaged[place] = static_cast<char>(random() >> 16);
      }
      try {
        read_all(*open_audio(folder.write("damaged", damaged)));
      } catch (const Error& error) {
        EXPECT_TRUE(error.kind() == ErrorKind::input) << error.what();
      }
    }
  }
}

TEST(AudioFaults, NonsensicalOptionsAreRefused) {
  EXPECT_THROW(open_audio(sample_file("kennedy.wav"), {.block_samples = 0}), Error);
  EXPECT_THROW(open_audio(sample_file("kennedy.wav"), {.raw = RawPcm{.sample_rate = 0}}), Error);
  EXPECT_THROW(open_audio(sample_file("kennedy.wav"), {.raw = RawPcm{.channels = 100}}), Error);
}

}  // namespace
}  // namespace millrace
