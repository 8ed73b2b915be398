#include "nodes/speech_transcribe_batch.h"

#include <gmock/gmock.h>

#include "graph/node_runner.h"
#include "tests/nodes/said.h"

namespace millrace {
namespace {

using testing::add_model_that_says;
using testing::states_of;
using testing::window_at;

// However many windows are decoded together, the text is the same, in order, and nothing of it is dropped.
TEST(SpeechTranscribeBatch, WritesTheSameForAnyNumberOfWindowsTogether) {
  Resources resources;
  add_model_that_says(resources, {"<0.00> One.<2.00><3.00> Two.<4.00><4.00> Three.", "<0.00> Four.<5.00>",
                                  "<0.00> Five.<1.00>"});
  for (const int64_t together : {1, 2, 3, 8}) {
    SpeechTranscribeBatch::Params params;
    params.model = "said";
    params.suppress_tokens = {};
    params.windows = together;
    const auto out =
        run_node(SpeechTranscribeBatch(params, resources),
                 std::vector<SpeechTranscribeBatch::In>{
                     {.states = states_of(0), .clip = window_at(0, 6, 10), .measure = nullptr},
                     {.states = states_of(1), .clip = window_at(6, 6, 30), .measure = nullptr},
                     {.states = states_of(2), .clip = window_at(12, 6, 50, true), .measure = nullptr}});
    std::vector<std::string> texts;
    std::vector<double> starts;
    for (const auto& packet : out)
      if (packet.segment) texts.push_back(packet.segment->text), starts.push_back(packet.segment->start);
    EXPECT_THAT(texts, ::testing::ElementsAre(" One.", " Two.", " Three.", " Four.", " Five."));
    EXPECT_THAT(starts, ::testing::ElementsAre(10, 13, 14, 30, 50));
    ASSERT_TRUE(out.back().transcript);
    EXPECT_EQ(out.back().transcript->text, " One. Two. Three. Four. Five.");
    EXPECT_DOUBLE_EQ(out.back().transcript->duration, 56);
  }
}

}  // namespace
}  // namespace millrace
