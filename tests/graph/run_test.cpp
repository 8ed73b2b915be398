#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

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

TEST(Run, DeliversEveryItemInOrder) {
  const Registry registry = sample::registry();
  Resources resources;
  const Graph graph = Graph::build(
      check_pipeline(sample::source(kWords), registry, {}, {.values = {{"times", "2"}}}), resources);
  const auto results = sample::run(graph, {"a b c", "", "d"});
  EXPECT_THAT(results.packets, ElementsAre("0.line: A B", "0.line: C A", "0.line: B C", "0 done", "1 done",
                                           "2.line: D D", "2 done"));
  EXPECT_EQ(results.report.failed(), 0u);
  for (const EdgeReport& edge : results.report.edges)
    EXPECT_EQ(edge.captured, edge.processed + edge.dropped) << edge.name;
}

TEST(Run, ManyItemsAndPackets) {
  const Registry registry = sample::registry();
  Resources resources;
  const Graph graph = Graph::build(
      check_pipeline(sample::source(kWords), registry, {}, {.values = {{"times", "500"}}}), resources);
  const auto results = sample::run(graph, std::vector<std::string>(20, "a b c d e"));
  EXPECT_EQ(results.packets.size(), 20u * (1250 + 1));
}

}  // namespace
}  // namespace millrace
