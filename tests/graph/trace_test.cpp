#include "graph/trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_file.h"
#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

class Trace : public ::testing::Test {
 protected:
  ~Trace() override { std::filesystem::remove(path_); }
  nlohmann::json read() const { return read_json(path_, ErrorKind::io, 100u << 20); }
  std::filesystem::path path_ =
      std::filesystem::path(::testing::TempDir()) / ("millrace-trace-" + std::to_string(getpid()) + ".json");
};

TEST_F(Trace, HasASlicePerCallArrowsPerItemAndDepths) {
  const Registry registry = sample::registry();
  Resources resources;
  const Graph graph = Graph::build(check_pipeline(sample::source(R"(
name: traced
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 2}
  words: {type: text.split, inputs: {line: lines.line}}
outputs:
  word: words.word
)"),
                                                  registry, {}),
                                   resources);
  {
    TraceWriter trace(path_);
    sample::run(graph, {"a \"b\"", "c"}, {.trace = &trace});
    EXPECT_TRUE(read().is_array()) << "before the end";
  }
  std::map<std::string, int> slices, phases;
  for (const auto& event : read()) {
    ++phases[event.at("ph")];
    if (event.at("ph") != "X") continue;
    ++slices[event.at("name")];
    EXPECT_TRUE(event.at("name") != "words" || event.at("args").at("type") == "text.split");
  }
  EXPECT_EQ(slices["lines"], 4);
  EXPECT_EQ(slices["words"], 4);
  EXPECT_EQ(slices["started c"], 1);
  EXPECT_EQ(slices["finished a \"b\""], 1);
  EXPECT_EQ(phases["s"], 2);  // an arrow begins and ends with each item
  EXPECT_EQ(phases["f"], 2);
  EXPECT_GT(phases["C"], 0);
  EXPECT_GT(phases["M"], 1);
}

// Calls are written at their ends, so that a later one of the same item may be written first.
TEST_F(Trace, AnItemsArrowBeginsBeforeItsFirstCall) {
  {
    TraceWriter trace(path_);
    trace.item_started(7, "an item");
    const auto now = TraceWriter::Clock::now();
    const auto call = [&](int begin, int end) {
      trace.slice({.node = "n",
                   .type = "t",
                   .begin = now + std::chrono::milliseconds(begin),
                   .end = now + std::chrono::milliseconds(end),
                   .parts = {{7, 0}}});
    };
    call(3, 4);
    call(2, 9);
    trace.item_finished(7, "an item", false);
  }
  std::string phases;
  int64_t begun = -1, earliest = INT64_MAX;
  for (const auto& event : read()) {
    if (!event.contains("id")) continue;
    phases += event.at("ph").get<std::string>();
    if (event.at("ph") == "s")
      begun = event.at("ts");
    else
      earliest = std::min(earliest, event.at("ts").get<int64_t>());
  }
  EXPECT_EQ(phases, "sttf");
  EXPECT_LE(begun, earliest);
}

TEST_F(Trace, IsWholeJsonAfterEveryWrite) {
  TraceWriter trace(path_);
  for (int i = 0; i < 2000; ++i) {
    trace.counter("a → b", static_cast<size_t>(i));
    if (i % 100 == 0) {
      trace.flush();
      EXPECT_EQ(read().size(), static_cast<size_t>(i) + 2);
    }
  }
}

TEST_F(Trace, APathThatCannotBeWrittenIsAnError) {
  EXPECT_THROW(TraceWriter("/nonexistent/trace.json"), Error);
}

}  // namespace
}  // namespace millrace
