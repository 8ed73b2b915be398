#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/stream_clock.h"
#include "graph/check/check.h"
#include "graph/runtime/graph.h"
#include "nodes/register.h"
#include "nodes/talk_packets.h"
#include "nodes/text_packets.h"
#include "tests/decoders/scripted_decoder.h"
#include "tests/nodes/slow_ears.h"
#include "tests/nodes/tiny_chat.h"
#include "tests/temporary_folder.h"

// pipelines/talk.yaml as it ships, in simulated time, on a recording whose speaker pauses several times. What
// is heard and what is answered is made up; each of the answer's tokens takes a tenth of a second.
namespace millrace {
namespace {

using testing::ScriptedDecoder;

constexpr double kTokenSeconds = 0.1;
constexpr TokenId kLetter = 68;  // of the tiny tokenizer

struct Event {
  std::string what;
  int64_t turn = 0;
  double at = 0;
  std::string text;
  bool operator==(const Event&) const = default;
};

void PrintTo(const Event& event, std::ostream* out) {
  *out << event.what << " " << event.turn << " at " << event.at << ": " << event.text;
}

class TalkPipelineTest : public ::testing::Test {
 protected:
  // All that comes out of the pipeline for the recording, and when.
  std::vector<Event> talk(std::map<std::string, std::string> settings = {}, StopToken* stop = nullptr) {
    Resources resources;
    const auto clock = std::make_shared<VirtualClock>();
    resources.set<StreamClock>(clock);
    if (stop) resources.set<StopToken>({stop, [](StopToken*) {}});
    testing::add_slow_ears(resources, clock, {"<0.00> So?<1.00>"});
    add_slow_writer(resources.get<ModelCache>(), clock);

    settings.insert({{"model", "slow"},
                     {"speech_model", "ears"},
                     {"listen.method", "energy"},
                     {"listen.min_silence_duration_ms", "250"},
                     {"listen.speech_pad_ms", "100"}});
    std::ostringstream yaml;
    yaml << std::ifstream(MILLRACE_SOURCE_DIR "/pipelines/talk.yaml").rdbuf();
    const Registry registry = shipped_nodes();
    const Graph graph =
        Graph::build(check_pipeline(std::make_shared<const SourceText>(SourceText{"talk.yaml", yaml.str()}),
                                    registry, {}, {.values = settings, .need_values = true}),
                     resources);
    std::vector<Event> events;
    const Sink sink{.packet = [&](const OutputPacket& out) {
      if (stop && out.packet.type() == &kPacketType<TextPiece>) stop->cancel();
      if (out.packet.type() == &kPacketType<Heard>) {
        const auto heard = out.packet.get<Heard>();
        events.push_back({"heard", heard->utterance.turn.number, clock->now(), heard->text});
        speech_.emplace_back(heard->utterance.start, heard->utterance.end);
      }
      if (out.packet.type() == &kPacketType<Completion>) {
        const auto whole = out.packet.get<Completion>();
        events.push_back({whole->generated.reason == FinishReason::cancelled ? "cancelled" : "answer",
                          whole->turn->number, clock->now(), whole->generated.text});
      }
    }};
    const RunReport report =
        graph.run(items_of({text_item(kKennedy)}), sink, {.live_source = true, .stop = stop});
    EXPECT_EQ(report.failed(), 0U);
    ended_at_ = clock->now();
    return events;
  }

  double ended_at_ = 0;
  std::vector<std::pair<double, double>> speech_;  // of each utterance that was heard

 private:
  static void add_slow_writer(ModelCache& cache, std::shared_ptr<VirtualClock> clock) {
    LoadedModel model = *cache.get(kTinyChat);
    ScriptedDecoder::Script script;
    script.vocabulary = model.text_decoder->vocabulary();
    script.max_length = 4096;
    script.attends = false;
    script.logits = [clock, size = static_cast<size_t>(script.vocabulary)](int, std::span<const TokenId>) {
      clock->wait_until(clock->now() + kTokenSeconds, nullptr);
      std::vector<float> logits(size, 0.f);
      logits[kLetter] = 1;
      return logits;
    };
    model.text_decoder = std::make_shared<ScriptedDecoder>(std::move(script));
    cache.add("slow", std::make_shared<const LoadedModel>(std::move(model)));
  }
};

TEST_F(TalkPipelineTest, EachUtteranceEndsTheAnswerBeforeAndTheLastOneIsAnswered) {
  const auto events = talk();
  const size_t utterances = speech_.size();
  ASSERT_GE(utterances, 2U);
  ASSERT_EQ(events.size(), 2 * utterances);
  double heard_at = 0;
  for (size_t i = 0; i < utterances; ++i) {
    const auto turn = static_cast<int64_t>(i) + 1;
    const Event& heard = events[2 * i];
    const Event& answer = events[2 * i + 1];
    EXPECT_EQ(heard.what, "heard");
    EXPECT_EQ(heard.turn, turn);
    EXPECT_EQ(answer.turn, turn);
    EXPECT_NEAR(heard.at, speech_[i].second + 0.25, 0.15) << "the silence that ends it, and a block";
    if (i + 1 < utterances) {
      EXPECT_EQ(answer.what, "cancelled");
      // A quarter of a second of speech, the block that it is in, and the token under way.
      EXPECT_LE(answer.at, speech_[i + 1].first + 0.25 + 0.15 + kTokenSeconds);
      EXPECT_GE(answer.at, speech_[i + 1].first + 0.2);
    } else {
      EXPECT_EQ(answer.what, "answer");
      EXPECT_EQ(answer.text.size(), 256U);
    }
    EXPECT_NEAR(static_cast<double>(answer.text.size()), (answer.at - heard.at) / kTokenSeconds, 1.1);
    heard_at = heard.at;
  }
  EXPECT_NEAR(events.back().at, heard_at + 256 * kTokenSeconds, 0.01);
}

TEST_F(TalkPipelineTest, IsTheSameEveryTime) {
  const auto once = talk();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(talk(), once);
}

TEST_F(TalkPipelineTest, WhatWasGivenOfAnswersIsInTheConversation) {
  // The prompt grows by what was said and given: with a context this small the oldest of it is forgotten, and
  // nothing fails.
  const auto events = talk({{"talk.context_length", "100"},
                            {"talk.answer_tokens", "20"},
                            {"text.context_length", "100"},
                            {"system", "S"}});
  EXPECT_EQ(events.size(), 2 * speech_.size());
}

TEST_F(TalkPipelineTest, WhoLeavesIsNotKeptWaiting) {
  StopToken stop;
  const auto events = talk({}, &stop);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().what, "heard");
  EXPECT_LE(ended_at_, events.front().at + 1);
}

TEST_F(TalkPipelineTest, ShortAnswersEndBeforeTheNextUtterance) {
  const auto events = talk({{"text.max_new_tokens", "1"}});
  for (size_t i = 1; i < events.size(); i += 2) EXPECT_EQ(events[i].what, "answer");
}

}  // namespace
}  // namespace millrace
