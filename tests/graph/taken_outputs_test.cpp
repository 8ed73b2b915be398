#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;

constexpr const char* kTwo = R"(
name: two
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  cased: {type: text.change_case, inputs: {word: words.word}, to: upper}
outputs:
  word: words.word
  cased: cased.word
)";

CheckedPipeline check(std::vector<std::string> outputs) {
  static const Registry registry = sample::registry();
  return check_pipeline(sample::source(kTwo), registry, {}, {.outputs = std::move(outputs)});
}

TEST(TakenOutputs, AreAllUnlessSomeAreNamed) {
  EXPECT_EQ(check({}).outputs.size(), 2u);
  EXPECT_EQ(check({"cased", "word"}).nodes.size(), 3u);
}

TEST(TakenOutputs, NeedTheirNodesAlone) {
  const CheckedPipeline checked = check({"word"});
  EXPECT_EQ(checked.warnings, "");
  EXPECT_EQ(checked.nodes.size(), 2u);
  Resources resources;
  const Graph graph = Graph::build(checked, resources);
  EXPECT_THAT(sample::run(graph, {"a b"}).packets, ElementsAre("0.word: a", "0.word: b", "0 done"));
}

}  // namespace
}  // namespace millrace
