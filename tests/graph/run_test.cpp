#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <atomic>

#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Graph build(const std::string& yaml, std::map<std::string, std::string> values = {}) {
  static const Registry registry = sample::registry();
  Resources resources;
  return Graph::build(check_pipeline(sample::source(yaml), registry, {}, {.values = std::move(values)}),
                      resources);
}

void expect_all_counted(const RunReport& report) {
  for (const EdgeReport& edge : report.edges)
    EXPECT_EQ(edge.captured, edge.processed + edge.dropped) << edge.name;
}

constexpr const char* kWords = R"(
name: words
parameters:
  times: {type: int, default: 1, help: how often}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: $times}
  words: {type: text.split, inputs: {line: lines.line}}
  loud: {type: text.change_case, inputs: {word: words.word}, to: upper, batch: 2, concurrency: 2}
  pairs: {type: text.gather, inputs: {word: loud.word}, words: 2}
outputs:
  line: pairs.line
)";

constexpr const char* kFeedback = R"(
name: feedback
parameters:
  silent: {type: bool, default: false}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  chunks: {type: text.chunk, inputs: {word: words.word}, feedback: {seek: read.seek}, words: 3}
  read: {type: text.read, inputs: {line: chunks.line}, silent: $silent}
outputs:
  line: read.line
)";

TEST(Run, DeliversEveryItemInOrder) {
  const auto results = sample::run(build(kWords, {{"times", "2"}}), {"a b c", "", "d"});
  EXPECT_THAT(results.packets, ElementsAre("0.line: A B", "0.line: C A", "0.line: B C", "0 done", "1 done",
                                           "2.line: D D", "2 done"));
  EXPECT_EQ(results.report.failed(), 0u);
  expect_all_counted(results.report);
}

TEST(Run, FeedbackDecidesWhereTheNextPacketStarts) {
  const auto results = sample::run(build(kFeedback), {"a b c d e f", "x y"});
  EXPECT_THAT(results.packets, ElementsAre("0.line: a b c", "0.line: c d e", "0.line: e f", "0.line: f",
                                           "0 done", "1.line: x y", "1.line: y", "1 done"));
  expect_all_counted(results.report);
}

TEST(Run, AFeedbackThatNeverComesIsReportedNotWaitedFor) {
  try {
    sample::run(build(kFeedback, {{"silent", "true"}}), {"a b c d e f"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::internal);
    EXPECT_THAT(error.what(),
                HasSubstr("node 'chunks' waits for its feedback read.seek → chunks.seek: 1 unanswered"));
  }
}

TEST(Run, AFailureEndsItsItemAlone) {
  const auto results = sample::run(build(kFeedback), {"a b", "a b c d !", "c d"});
  EXPECT_THAT(results.packets, ElementsAre("0.line: a b", "0.line: b", "0 done", "1.line: a b c",
                                           "1 failed: node 'read': cannot read 'c d !'", "2.line: c d",
                                           "2.line: d", "2 done"));
  EXPECT_EQ(results.report.failed(), 1u);
  EXPECT_EQ(results.report.items[1].name, "a b c d !");
  EXPECT_EQ(results.report.items[1].error->kind(), ErrorKind::input);
  expect_all_counted(results.report);
}

TEST(Run, ANodeWithoutOutputsFailsItsItemToo) {
  const Graph graph = build(R"(
name: sink
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  gone: {type: text.discard, inputs: {word: words.word}}
)");
  const auto results = sample::run(graph, {"a", "a ! b"});
  EXPECT_THAT(results.packets, ElementsAre("0 done", "1 failed: node 'gone': this word cannot be discarded"));
  expect_all_counted(results.report);
}

TEST(Run, AConstructorsErrorNamesItsNode) {
  try {
    build(R"(
name: judged
nodes:
  lines: {type: text.repeat, inputs: {text: $input}}
  judge: {type: text.judge, inputs: {line: lines.line}, model: none}
outputs:
  score: judge.score
)");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_STREQ(error.what(), "node 'judge': there is no 'none'");
  }
}

TEST(Run, TheSourceIsAskedOnlyWhenThereIsRoom) {
  const Graph graph = build(kWords);
  std::atomic<int> open{0}, most{0};
  int left = 200;
  const ItemSource source = [&]() -> std::optional<Item> {
    if (left-- == 0) return std::nullopt;
    most = std::max(most.load(), ++open);
    return text_item("a b");
  };
  const Sink sink{.packet = {}, .finished = [&](const FinishedItem&) { --open; }};
  EXPECT_EQ(graph.run(source, sink, {.items_in_flight = 3}).items.size(), 200u);
  EXPECT_LE(most.load(), 6);  // three on their way, three of which the sink is being told
}

TEST(Run, WhatTheSinkThrowsEndsTheRun) {
  const Graph graph = build(kWords, {{"times", "1000"}});
  const Sink sink{.packet = [](const OutputPacket&) { fail(ErrorKind::io, "disk full"); }, .finished = {}};
  try {
    graph.run(items_of({text_item("a b c"), text_item("d")}), sink);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::io);
  }
}

TEST(Run, WhatTheSourceThrowsEndsTheRun) {
  const Graph graph = build(kWords);
  EXPECT_THROW(graph.run([]() -> std::optional<Item> { fail(ErrorKind::io, "gone"); }, {}), Error);
}

TEST(Run, AnItemOfAnotherShapeIsRefused) {
  EXPECT_THROW(build(kWords).run(items_of({Item{"none", {}}}), {}), Error);
}

TEST(Run, OneBadPacketOfABatchFailsAlone) {
  const Graph graph = build(R"(
name: batch
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  gone: {type: text.discard, inputs: {word: words.word}, batch: 8}
)");
  const auto results = sample::run(graph, {"a", "b", "!", "c", "d"});
  EXPECT_THAT(results.packets, ElementsAre("0 done", "1 done", HasSubstr("2 failed: "), "3 done", "4 done"));
}

TEST(Run, StoppingFinishesWhatIsInFlight) {
  const Graph graph = build(kWords, {{"times", "1000000"}});
  CancelToken stop;
  size_t packets = 0;
  std::vector<FinishedItem> finished;
  const Sink sink{.packet =
                      [&](const OutputPacket&) {
                        if (++packets == 10) stop.cancel();
                      },
                  .finished = [&](const FinishedItem& item) { finished.push_back(item); }};
  const RunReport report = graph.run(items_of({text_item("a b c"), text_item("d")}), sink, {.stop = &stop});
  EXPECT_TRUE(report.interrupted);
  EXPECT_LT(packets, 100000u);
  ASSERT_FALSE(finished.empty());
  EXPECT_TRUE(finished[0].cut_short);
  EXPECT_FALSE(finished[0].error);
  expect_all_counted(report);
}

TEST(Run, AbortingFailsWhatIsUnfinished) {
  const Graph graph = build(kWords, {{"times", "1000000"}});
  CancelToken stop, abort;
  std::vector<FinishedItem> finished;
  const Sink sink{.packet = [&](const OutputPacket&) { abort.cancel(); },
                  .finished = [&](const FinishedItem& item) { finished.push_back(item); }};
  const RunReport report =
      graph.run(items_of({text_item("a b c"), text_item("d")}), sink, {.stop = &stop, .abort = &abort});
  EXPECT_TRUE(report.interrupted);
  ASSERT_FALSE(finished.empty());
  EXPECT_EQ(finished[0].error->kind(), ErrorKind::interrupted);
  expect_all_counted(report);
}

TEST(Run, OneGraphServesRunsAtTheSameTime) {
  const Graph graph = build(kWords, {{"times", "50"}});
  const auto expected = sample::run(graph, {"a b c", "d"}).packets;
  std::vector<std::thread> threads;
  std::atomic<int> equal{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { equal += sample::run(graph, {"a b c", "d"}).packets == expected; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(equal.load(), 4);
}

TEST(Run, OneThreadIsEnough) {
  const Graph graph = build(kWords, {{"times", "50"}});
  const auto expected = sample::run(graph, {"a b c", "d"}).packets;
  oneapi::tbb::task_arena one(1);
  one.execute([&] { EXPECT_EQ(sample::run(graph, {"a b c", "d"}).packets, expected); });
}

TEST(Run, ALosingPolicyCountsWhatItLoses) {
  const Graph graph = build(R"(
name: lossy
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 2000}
  words: {type: text.split, inputs: {line: lines.line}, queue: 1, policy: drop_oldest}
  pairs: {type: text.gather, inputs: {word: words.word}, words: 2, queue: 1, policy: drop_newest}
outputs:
  line: pairs.line
  total: pairs.total
)");
  const auto results = sample::run(graph, {"a b c d e f"});
  expect_all_counted(results.report);
  EXPECT_THAT(results.packets, Contains("0 done"));
  EXPECT_EQ(results.report.edges[1].captured, 2000);
  EXPECT_THAT(describe_losses(results.report), HasSubstr("lines.line → words.line: 2000 captured, "));
  EXPECT_EQ(describe_losses(results.report).find("words.line → "), std::string::npos) << "blocks";
}

TEST(Run, AnOverflowFailsWhereThePolicySaysSo) {
  const Graph graph = build(R"(
name: strict
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  pairs: {type: text.gather, inputs: {word: words.word}, words: 2, queue: 1, policy: fail}
outputs:
  total: pairs.total
)");
  const auto results = sample::run(graph, {"a b c d e f"});
  EXPECT_THAT(results.packets, ElementsAre(HasSubstr("words.word → pairs.word: packets came faster")));
  expect_all_counted(results.report);
}

TEST(Run, TellsProgressAndStandstill) {
  const Graph graph = build(kWords);
  Progress last;
  std::string waits;
  RunOptions options;
  options.progress = [&](const Progress& progress) { last = progress; };
  options.stalled = [&](const std::string& text) { waits += text; };
  options.stalled_after_seconds = 0.05;
  bool first = true;
  graph.run(
      [&]() -> std::optional<Item> {
        if (!std::exchange(first, false)) {
          std::this_thread::sleep_for(std::chrono::milliseconds(200));
          return std::nullopt;
        }
        return text_item("a b");
      },
      {}, options);
  EXPECT_EQ(last.started, 1u);
  EXPECT_EQ(last.finished, 1u);
  EXPECT_GT(last.calls, 3);
  EXPECT_EQ(waits, "  the source has been asked for an item\n");
}

}  // namespace
}  // namespace millrace
