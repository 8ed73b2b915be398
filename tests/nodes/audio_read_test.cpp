#include "nodes/audio_read.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "graph/node_runner.h"
#include "tests/nodes/sample_clips.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

TEST(AudioRead, GivesARecordingBlockByBlock) {
  Resources resources;
  const auto blocks =
      run_node(AudioRead({}, resources), std::vector<AudioRead::In>{{.path = make_ref(kKennedy)}});
  int64_t samples = 0;
  for (const auto& block : blocks) {
    EXPECT_EQ(block.clip.sample_rate, kSpeechRate);
    EXPECT_NEAR(block.clip.seconds_at(0), static_cast<double>(samples) / kSpeechRate, 1e-9);
    samples += block.clip.length();
  }
  EXPECT_EQ(samples, 176'000);
}

TEST(AudioRead, TakesSamplesWithoutAHeaderAsItIsTold) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "sound.raw";
  std::ofstream(path, std::ios::binary) << std::string(8000, '\x40');  // a second of 8 kHz, one byte a sample
  Resources resources;
  const AudioRead node({.pcm_format = PcmFormat::u8, .pcm_rate = 8000, .pcm_channels = 1}, resources);
  int64_t samples = 0;
  for (const auto& block : run_node(node, std::vector<AudioRead::In>{{.path = make_ref(path.string())}}))
    samples += block.clip.length();
  EXPECT_EQ(samples, 16'000);
}

TEST(AudioRead, GivesEachBlockInItsOwnTimeWhenAskedTo) {
  Resources resources;
  const auto& clock = resources.emplace<VirtualClock>();
  resources.set<StreamClock>(resources.find<VirtualClock>());
  const AudioRead node({.realtime = true}, resources);
  auto state = node.begin({.path = make_ref(kKennedy)});
  Emit<AudioRead::Out> emit;
  double heard = 0;
  while (node.next(state, emit)) {
    for (const auto& out : emit.take()) {
      EXPECT_LE(out.clip.length(), kSpeechRate / 10);
      EXPECT_EQ(out.clip.began_at, 0);
      heard = out.clip.seconds_at(out.clip.length());
    }
    EXPECT_DOUBLE_EQ(clock.now(), heard);
  }
  EXPECT_DOUBLE_EQ(heard, 11);
}

TEST(AudioRead, SaysWhichFileIsMissing) {
  Resources resources;
  try {
    run_node(AudioRead({}, resources),
             std::vector<AudioRead::In>{{.path = make_ref(std::string("/no/such.wav"))}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such.wav"), std::string::npos);
  }
}

}  // namespace
}  // namespace millrace
