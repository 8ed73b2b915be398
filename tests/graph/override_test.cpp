#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kWords = R"(
name: words
parameters:
  case: {type: string, default: lower, help: of the words}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 1}
  words: {type: text.split, inputs: {line: lines.line}}
  cased: {type: text.change_case, inputs: {word: words.word}, to: $case, batch: 2}
outputs:
  word: cased.word
)";

CheckedPipeline check(std::map<std::string, std::string> values) {
  static const Registry registry = sample::registry();
  return check_pipeline(sample::source(kWords), registry, {}, {.values = std::move(values)});
}

std::string error_of(std::map<std::string, std::string> values, ErrorKind kind) {
  try {
    check(std::move(values));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind);
    return error.what();
  }
  return "no error";
}

TEST(Override, GoesBeforeWhatThePipelineSays) {
  Resources resources;
  const CheckedPipeline checked = check({{"cased.to", "upper"}, {"cased.batch", "3"}});
  EXPECT_EQ(checked.warnings, "");  // the parameter that was overridden is not called unused
  EXPECT_EQ(checked.nodes.back().properties.batch, 3);
  const Graph graph = Graph::build(checked, resources);
  EXPECT_THAT(sample::run(graph, {"a b"}).packets, ElementsAre("0.word: A", "0.word: B", "0 done"));
}

TEST(Override, NamesWhatIsUnknownOrFaulty) {
  EXPECT_THAT(error_of({{"casd.to", "upper"}}, ErrorKind::usage),
              HasSubstr("no node 'casd' (did you mean 'cased'?)"));
  EXPECT_THAT(error_of({{"cased.bach", "3"}}, ErrorKind::usage), HasSubstr("'bach' (did you mean 'batch'?)"));
  EXPECT_THAT(error_of({{"cased.to", "uper"}}, ErrorKind::pipeline), HasSubstr("--set cased.to=uper"));
  EXPECT_THAT(error_of({{"cased.batch", "many"}}, ErrorKind::pipeline), HasSubstr("--set cased.batch=many"));
}

}  // namespace
}  // namespace millrace
