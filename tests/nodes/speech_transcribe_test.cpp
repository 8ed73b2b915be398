#include "nodes/speech_transcribe.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/node_runner.h"
#include "tests/nodes/said.h"

namespace millrace {
namespace {

using testing::add_model_that_says;
using testing::states_of;
using testing::window_at;

SpeechTranscribe::Params said() {
  SpeechTranscribe::Params params;
  params.model = "said";
  params.suppress_tokens = {};
  return params;
}

TEST(SpeechTranscribe, WritesSegmentsStepsAndTheWhole) {
  Resources resources;
  add_model_that_says(resources,
                      {"<0.00> One.<2.00><3.00> Two.<4.00><4.00> unfinished", "<0.00> Three.<5.00>"});
  const auto measure = make_ref(RecordingMeasure{.loudest = {}, .seconds = 60});
  const auto out =
      run_node(SpeechTranscribe(said(), resources),
               std::vector<SpeechTranscribe::In>{
                   {.states = states_of(0), .clip = window_at(0, 30, 10), .measure = measure},
                   {.states = states_of(1), .clip = window_at(4, 6, 50, true), .measure = measure}});
  std::vector<std::string> texts;
  std::vector<double> starts;
  std::vector<int64_t> steps;
  Ref<Transcript> whole;
  for (const auto& packet : out) {
    if (packet.segment) texts.push_back(packet.segment->text), starts.push_back(packet.segment->start);
    if (packet.step) steps.push_back(packet.step->samples);
    if (packet.transcript) whole = packet.transcript;
  }
  EXPECT_THAT(texts, ::testing::ElementsAre(" One.", " Two.", " Three."));
  EXPECT_THAT(starts, ::testing::ElementsAre(10, 13, 50));
  EXPECT_THAT(steps, ::testing::ElementsAre(4 * 16'000, 6 * 16'000));
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->text, " One. Two. Three.");
  EXPECT_EQ(whole->language, "en");
  EXPECT_EQ(whole->duration, 60);
  EXPECT_EQ(whole->segments.size(), 3u);
}

TEST(SpeechTranscribe, ARecordingWithoutSpeechHasAnEmptyTranscript) {
  Resources resources;
  add_model_that_says(resources, {});
  const auto out = run_node(SpeechTranscribe(said(), resources), std::vector<SpeechTranscribe::In>{});
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].transcript->text, "");
}

TEST(SpeechTranscribe, NeedsATokenizer) {
  Resources resources;
  resources.emplace<ModelCache>();
  auto params = said();
  params.model = kTinyWhisper;
  EXPECT_THROW(SpeechTranscribe(params, resources), Error);
}

}  // namespace
}  // namespace millrace
