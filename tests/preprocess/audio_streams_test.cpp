#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "preprocess/audio_source.h"
#include "preprocess/audio_windows.h"
#include "preprocess/energy_gate.h"
#include "preprocess/log_mel.h"
#include "preprocess/speech_cutter.h"
#include "synthetic_source.h"
#include "test_files.h"
#include "tests/temporary_folder.h"
#include "wav_bytes.h"

namespace millrace {
namespace {

using testing::HasSubstr;

std::string recording(const std::string& name) { return golden_file("recordings/" + name); }

// Standard input that `bytes` come from, in small pieces.
class PipedInput {
 public:
  explicit PipedInput(std::string bytes, bool keep_open = false) : before_(::dup(STDIN_FILENO)) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
    write_end_ = ends[1];
    writer_ = std::thread([this, bytes = std::move(bytes), keep_open] {
      for (size_t at = 0; at < bytes.size(); at += 1001) {
        const size_t size = std::min<size_t>(1001, bytes.size() - at);
        if (::write(write_end_, bytes.data() + at, size) < 0) break;
      }
      if (!keep_open) ::close(write_end_);
    });
    open_ = keep_open;
  }
  ~PipedInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
    writer_.join();
    if (open_) ::close(write_end_);
  }

 private:
  int before_, write_end_ = -1;
  bool open_ = false;
  std::thread writer_;
};

std::vector<int16_t> ramp(size_t count) {
  std::vector<int16_t> samples(count);
  for (size_t i = 0; i < count; ++i) samples[i] = static_cast<int16_t>(i * 7);
  return samples;
}

TEST(StandardInput, IsRawPcmUnlessItHasAHeader) {
  const auto expected = ramp(20'000);
  const PipedInput input(bytes_of_samples(expected));
  const auto samples = read_all(*open_audio("-"));
  ASSERT_EQ(samples.size(), expected.size());
  for (size_t i = 0; i < samples.size(); ++i)
    ASSERT_EQ(samples[i], static_cast<float>(expected[i]) / 32768.0f);
}

TEST(StandardInput, MayBeAWholeFile) {
  for (const char* name : {"mono8.wav", "stereo44.flac", "stereo44.ogg", "stereo48.webm"}) {
    const auto expected = read_all(*open_audio(recording(name)));
    const PipedInput input(bytes_of(recording(name)));
    const auto samples = read_all(*open_audio("-"));
    EXPECT_NEAR(static_cast<double>(samples.size()), static_cast<double>(expected.size()), 400) << name;
    double difference = 0;
    for (size_t i = 0; i < std::min(samples.size(), expected.size()); ++i)
      difference = std::max<double>(difference, std::abs(samples[i] - expected[i]));
    EXPECT_LT(difference, 0.02) << name;
  }
}

// Live sound with a header is not kept waiting for what comes later.
TEST(StandardInput, GivesSoundBehindAHeaderAtOnce) {
  for (const int64_t size : {int64_t{0xffffffff}, int64_t{0}, int64_t{1'000'000}}) {
    const PipedInput input(wav_bytes({.data_bytes = size}, bytes_of_samples(ramp(1'700))), true);
    const auto source = open_audio("-", {.block_samples = 1'600});
    const auto clip = source->next();  // the writer is still there: whoever wanted more would wait for ever
    ASSERT_TRUE(clip);
    EXPECT_EQ(clip->samples.size(), 1'600U);
    EXPECT_EQ(clip->samples[1], 7 / 32768.0f);
  }
}

TEST(StandardInput, HoldsAsMuchSoundAsItsHeaderSays) {
  const std::string data = bytes_of_samples(ramp(8'000));
  const auto piped = [](const std::string& bytes) {
    const PipedInput input(bytes);
    const auto source = open_audio("-");
    const size_t samples = read_all(*source).size();
    return std::pair(samples, source->fault());
  };
  EXPECT_EQ(piped(wav_bytes({}, data)), std::pair(size_t{8'000}, std::string()));
  EXPECT_EQ(piped(wav_bytes({.data_bytes = 16'000}, data + "LIST0000tags")),
            std::pair(size_t{8'000}, std::string()));
  EXPECT_EQ(piped(wav_bytes({.data_bytes = 0xffffffff}, data)), std::pair(size_t{8'000}, std::string()));
  EXPECT_EQ(piped(wav_bytes({.data_bytes = 64'000}, data)),
            std::pair(size_t{8'000}, std::string("is cut short: 1.5 of its 2.0 seconds are missing")));
  EXPECT_EQ(piped(wav_bytes({.data_bytes = 16'002}, data)).second, "");
}

TEST(StandardInput, WithAHeaderIsAsTheFileIs) {
  for (const auto& [format, bits, bytes] :
       {std::tuple{1, 8, 1}, {1, 16, 2}, {1, 24, 3}, {1, 32, 4}, {3, 32, 4}, {3, 64, 8}}) {
    std::string data;
    for (int i = 0; i < 600 * bytes; ++i)
      data.push_back(static_cast<char>(i % bytes == bytes - 1 ? 0x3d : i * 37));
    const std::string whole = wav_bytes(
        {.format = static_cast<uint16_t>(format), .channels = 2, .bits = static_cast<uint16_t>(bits)}, data);
    const TemporaryFolder folder;
    const auto expected = read_all(*open_audio(folder.write("all.wav", whole)));
    const PipedInput input(whole);
    EXPECT_EQ(read_all(*open_audio("-")), expected) << format << ", " << bits << " bits";
  }
}

TEST(StandardInput, ThatEndsAtOnceIsEmpty) {
  const PipedInput input("");
  try {
    open_audio("-");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), "standard input");
    EXPECT_THAT(error.message(), HasSubstr("is empty"));
  }
}

TEST(StandardInput, EndsWhenCancelled) {
  const PipedInput input(bytes_of_samples(ramp(5'000)), true);
  CancelToken cancel;
  const auto source = open_audio("-", {.block_samples = 1000, .cancel = &cancel});
  size_t read = 0;
  while (const auto clip = source->next()) {
    read += clip->samples.size();
    if (read == 3000) cancel.cancel();
  }
  EXPECT_GE(read, 3000u);
  EXPECT_LE(read, 5000u);
}

TEST(RawPcm, ReadsEveryFormat) {
  const TemporaryFolder folder;
  const auto check = [&](PcmFormat format, const std::string& bytes, const std::vector<float>& expected) {
    const auto path = folder.write("sound.raw", bytes);
    EXPECT_EQ(read_all(*open_audio(path, {.raw = RawPcm{.format = format}})), expected);
  };
  check(PcmFormat::u8, std::string("\x00\x80\xc0", 3), {-1, 0, 0.5f});
  check(PcmFormat::s16le, std::string("\x00\x80\x00\x40\xff\xff", 6), {-1, 0.5f, -1.0f / 32768});
  check(PcmFormat::s24le, std::string("\x00\x00\x80\x00\x00\x40\xff\xff\xff", 9),
        {-1, 0.5f, -1.0f / 8388608});
  check(PcmFormat::s32le, std::string("\x00\x00\x00\x80\x00\x00\x00\x40", 8), {-1, 0.5f});
  check(PcmFormat::f32le, bytes_of_samples<float>({-0.5f, 0.25f}), {-0.5f, 0.25f});
  check(PcmFormat::f64le, bytes_of_samples<double>({-0.5, 0.25}), {-0.5f, 0.25f});
}

TEST(RawPcm, HasRateAndChannelsAndMayEndWithinAFrame) {
  const TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; i < 8000; ++i) bytes += bytes_of_samples<int16_t>({8192, 0});
  const auto path = folder.write("sound.raw", bytes + "abc");
  const auto source = open_audio(path, {.raw = RawPcm{.sample_rate = 8000, .channels = 2}});
  EXPECT_DOUBLE_EQ(source->seconds().value_or(0), 1.0);
  const auto samples = read_all(*source);
  ASSERT_EQ(samples.size(), 16'000u);
  EXPECT_NEAR(samples[8000], 0.125, 1e-4);
  EXPECT_THAT(source->fault(), HasSubstr("in the middle of a sample"));
  EXPECT_THROW(read_all(*open_audio(folder.write("less.raw", "x"), {.raw = RawPcm{}})), Error);
}

TEST(NamedPipe, IsReadWhileSomebodyWrites) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path, std::ios::binary) << bytes_of(recording("mono8.wav")); });
  const auto samples = read_all(*open_audio(path));
  writer.join();
  EXPECT_EQ(samples.size(), read_all(*open_audio(recording("mono8.wav"))).size());
}

TEST(NamedPipe, ThatNobodyWritesToIsAnErrorInsteadOfWaiting) {
  const TemporaryFolder folder;
  const std::string path = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  try {
    open_audio(path);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
    EXPECT_THAT(error.message(), HasSubstr("nobody writes"));
  }
}

// What the process occupies; a sanitizer keeps freed memory for a while, so under one there is nothing to
// learn.
int64_t resident_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#endif
  std::ifstream file("/proc/self/statm");
  int64_t size = 0, resident = 0;
  file >> size >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

// An hour from a file of holes: 115 MB, and a float for each sample would be twice that.
TEST(LongRecordings, AreReadInConstantMemory) {
  const TemporaryFolder folder;
  const std::string path = folder.write("long.raw", "");
  constexpr int64_t kSamples = 3600 * 16'000;
  ASSERT_EQ(::truncate(path.c_str(), kSamples * 2), 0);
  const auto source = open_audio(path, {.raw = RawPcm{}});
  SpeechCutter cutter({}, EnergyGate());
  int64_t read = 0, before = 0;
  while (const auto clip = source->next()) {
    read += clip->length();
    EXPECT_TRUE(cutter.push(*clip).empty());
    if (before == 0) before = resident_bytes();
  }
  EXPECT_EQ(read, kSamples);
  EXPECT_LT(resident_bytes() - before, 8 << 20);
}

// Speech without a pause, looked through in windows: each sample is held for one window's time.
TEST(LongRecordings, PassThroughTheCutterAndTheWindowsInConstantMemory) {
  SyntheticSource source(1800 * 16'000, 16'384, [](int64_t i) { return i % 2 == 0 ? 0.3f : -0.3f; });
  SpeechCutter cutter({}, [](std::span<const float> sound) {
    return std::vector<float>(sound.size() / kVoiceActivityChunk, 0.9f);
  });
  AudioWindows windows;
  int64_t count = 0, before = 0;
  const auto look = [&] {
    while (windows.ready()) {
      EXPECT_NEAR(windows.window().seconds_at(0), static_cast<double>(count) * 28, 1e-6);
      windows.seek(++count * 28 * 16'000);
    }
  };
  while (const auto clip = source.next()) {
    for (const AudioClip& speech : cutter.push(*clip)) windows.push(speech);
    look();
    if (before == 0 && count == 2) before = resident_bytes();
  }
  for (const AudioClip& speech : cutter.finish()) windows.push(speech);
  windows.finish();
  look();
  EXPECT_TRUE(windows.done());
  EXPECT_EQ(count, (1800 + 27) / 28);
  EXPECT_LT(resident_bytes() - before, 16 << 20);
}

}  // namespace
}  // namespace millrace
