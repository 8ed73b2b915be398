#include "nodes/audio_microphone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/log.h"
#include "devices/microphone.h"
#include "graph/check/check.h"
#include "graph/node_runner.h"
#include "graph/runtime/graph.h"
#include "nodes/register.h"
#include "tests/devices/scripted_device.h"
#include "tests/nodes/sample_clips.h"

namespace millrace {
namespace {

// A run with a scripted microphone, which the test stops.
struct ScriptedRun {
  explicit ScriptedRun(DeviceScript script) {
    resources.set<StreamClock>(clock);
    resources.set<StopToken>(stop);
    resources.set<SoundAccount>(account);
    resources.emplace<AudioOpener>().open = [=, this](const std::string& source, const LiveAudioOptions&) {
      return std::make_unique<Microphone>(source, scripted_opener(script, clock, written), clock, stop);
    };
  }
  std::shared_ptr<VirtualClock> clock = std::make_shared<VirtualClock>();
  std::shared_ptr<StopToken> stop = std::make_shared<StopToken>();
  std::shared_ptr<SoundAccount> account = std::make_shared<SoundAccount>();
  std::shared_ptr<int64_t> written = std::make_shared<int64_t>(0);
  Resources resources;
};

TEST(AudioMicrophone, GivesSoundAndGapsInOrderAndAccountsForThem) {
  log::set_level(log::Level::quiet);
  ScriptedRun run({.away = {{2, 3}}});
  double reached = 0;
  {
    const AudioMicrophone node({}, run.resources);
    auto state = node.begin({.source = make_ref(std::string("default"))});
    Emit<AudioMicrophone::Out> emit;
    while (node.next(state, emit)) {
      for (const auto& out : emit.take()) {
        ASSERT_NE(out.clip.has_value(), out.gap.has_value());
        EXPECT_NEAR(out.clip ? out.clip->seconds_at(0) : out.gap->start, reached, 1e-3);
        reached = out.clip ? out.clip->seconds_at(out.clip->length()) : out.gap->start + out.gap->seconds;
      }
      if (run.clock->now() > 5) run.stop->cancel();
    }
  }
  log::set_level(log::Level::info);
  EXPECT_NEAR(reached, 5, 0.2);
  EXPECT_EQ(run.account->total().captured, *run.written);
  EXPECT_EQ(run.account->total().processed, *run.written);
  EXPECT_NEAR(run.account->total().seconds_away, 1.1, 0.3);
}

TEST(AudioMicrophone, PlaysAFileAsIfItWereSpokenNow) {
  Resources resources;
  const auto clock = std::make_shared<VirtualClock>();
  resources.set<StreamClock>(clock);
  resources.emplace<SoundAccount>();
  const auto blocks = run_node(AudioMicrophone({}, resources),
                               std::vector<AudioMicrophone::In>{{.source = make_ref(kKennedy)}});
  EXPECT_EQ(blocks.size(), 110u);
  EXPECT_DOUBLE_EQ(clock->now(), 11);
  for (const auto& block : blocks) EXPECT_EQ(block.clip->began_at, 0);
  EXPECT_EQ(resources.get<SoundAccount>().total().captured, 176'000);
  EXPECT_EQ(resources.get<SoundAccount>().total().processed, 176'000);
}

TEST(AudioMicrophone, SaysWhichSourceIsMissing) {
  Resources resources;
  try {
    run_node(AudioMicrophone({}, resources),
             std::vector<AudioMicrophone::In>{{.source = make_ref(std::string("/no/such.wav"))}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("/no/such.wav"));
  }
}

}  // namespace
}  // namespace millrace
