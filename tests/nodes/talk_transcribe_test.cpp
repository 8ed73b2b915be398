#include "nodes/talk_transcribe.h"

#include <gtest/gtest.h>

#include "tests/nodes/said.h"

namespace millrace {
namespace {

using testing::states_of;
using testing::window_at;

TEST(TalkTranscribe, EveryClipBecomesWhatWasSaidInIt) {
  Resources resources;
  testing::add_model_that_says(
      resources, {"<0.00> Hello<0.50><0.50> there.<1.00>", "<0.00> <1.00>", "<0.00> Bye.<1.00>"});
  TalkTranscribe::Params params;
  params.model = "said";
  params.suppress_tokens = {};  // bytes that stand for other words in Whisper's vocabulary
  const TalkTranscribe node(params, resources);
  auto state = node.begin();
  Emit<TalkTranscribe::Out> emit;
  const auto floor = std::make_shared<Floor>();
  for (int i = 0; i < 3; ++i)
    node(state,
         {.states = states_of(i),
          .clip = window_at(i * 2.0, 2, 10.0 + i * 5),
          .utterance = make_ref(
              Utterance{.turn = floor->begin_turn(), .ends = i > 0, .start = 10.2 + i * 5, .end = 11})},
         emit);
  node.flush(state, emit);
  ASSERT_EQ(emit.made().size(), 3U);
  const auto heard = [&](size_t i) { return emit.made().at(i).heard; };
  EXPECT_EQ(heard(0).text, "Hello there.");
  EXPECT_EQ(heard(0).language, "en");
  EXPECT_FALSE(heard(0).utterance.ends);
  EXPECT_EQ(heard(1).text, "");
  EXPECT_EQ(heard(2).text, "Bye.");
  EXPECT_EQ(heard(2).utterance.turn.number, 3);
  EXPECT_EQ(heard(2).utterance.start, 20.2);
  EXPECT_EQ(PacketTime<Heard>::seconds(heard(2)), 20.2);
}

}  // namespace
}  // namespace millrace
