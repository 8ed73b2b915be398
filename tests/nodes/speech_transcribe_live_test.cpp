#include "nodes/speech_transcribe_live.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/node_runner.h"
#include "tests/nodes/said.h"

namespace millrace {
namespace {

using testing::add_model_that_says;
using testing::states_of;

SpeechTranscribeLive::Params said() {
  SpeechTranscribeLive::Params params;
  params.model = "said";
  params.suppress_tokens = {};
  return params;
}

// A clock that stands still.
class Noon : public StreamClock {
 public:
  double now() const override { return 100; }
  bool wait_until(double, const CancelToken*) override { return true; }
};

SpeechTranscribeLive::In window(int states, double position, double length, UtteranceEnd end,
                                std::vector<StreamGap> gaps = {}) {
  AudioClip clip = *testing::window_at(position, length, position);
  clip.began_at = 80;
  return {.states = states_of(states),
          .clip = make_ref(std::move(clip)),
          .window = make_ref(UtteranceWindow{.end = end, .gaps = std::move(gaps)})};
}

TEST(SpeechTranscribeLive, EveryWindowHasOneStepAndTextItsTimeAndLatency) {
  Resources resources;
  add_model_that_says(resources, {"<0.00> Hello<1.00>", "<0.00> Hello there.<2.00>"});
  resources.set<StreamClock>(std::make_shared<Noon>());
  const auto out =
      run_node(SpeechTranscribeLive(said(), resources),
               std::vector<SpeechTranscribeLive::In>{
                   window(0, 10, 1, UtteranceEnd::goes_on, {{.start = 8, .seconds = 1, .why = "lost"}}),
                   window(1, 10, 2.2, UtteranceEnd::pause), window(0, 10, 0, UtteranceEnd::over)});
  std::vector<std::string> partials;
  Ref<Segment> segment;
  int steps = 0, gaps = 0;
  for (const auto& packet : out) {
    if (packet.partial) partials.push_back(packet.partial->settled + "|" + packet.partial->rest);
    if (packet.segment) segment = packet.segment;
    gaps += packet.gap != nullptr;
    steps += packet.step != nullptr;
  }
  EXPECT_THAT(partials, ::testing::ElementsAre("| Hello", " Hello| there."));
  EXPECT_EQ(steps, 3);
  EXPECT_EQ(gaps, 1);
  ASSERT_TRUE(segment);
  EXPECT_EQ(segment->text, " Hello there.");
  EXPECT_DOUBLE_EQ(segment->start, 10);
  EXPECT_DOUBLE_EQ(segment->end, 12);
  EXPECT_NEAR(segment->latency, 100 - (80 + 12), 1e-9);
}

TEST(SpeechTranscribeLive, NeedsATokenizer) {
  Resources resources;
  resources.emplace<ModelCache>();
  auto params = said();
  params.model = kTinyWhisper;
  EXPECT_THROW(SpeechTranscribeLive(params, resources), Error);
}

}  // namespace
}  // namespace millrace
