#include "graph/check/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/graph/sample_pipeline.h"

// What the check says of faulty pipelines, to the letter: tests/cases/pipelines/NAME.yaml and NAME.txt. With
// MILLRACE_WRITE_EXPECTED set the texts are written, to be read and committed.
namespace millrace {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kCases = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/cases/pipelines";

std::string read(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::shared_ptr<const SourceText> load(const std::filesystem::path& path) {
  return sample::source(read(path), path.filename().string());
}

PipelineLibrary library() {
  return {.find = [](const std::string& name) -> std::shared_ptr<const SourceText> {
            const auto path = kCases / "included" / (name + ".yaml");
            std::error_code ignored;
            return std::filesystem::exists(path, ignored) ? load(path) : nullptr;
          },
          .names = {"shout", "round", "about", "faulty"}};
}

std::string check(const std::shared_ptr<const SourceText>& source, CheckOptions options = {}) {
  static const Registry registry = sample::registry();
  try {
    return check_pipeline(source, registry, library(), options).warnings;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::pipeline);
    return std::string(error.what()) + "\n";
  }
}

class FaultyPipeline : public ::testing::TestWithParam<std::string> {};

TEST_P(FaultyPipeline, IsToldInFull) {
  const std::string told = check(load(kCases / (GetParam() + ".yaml")));
  const auto expected = kCases / (GetParam() + ".txt");
  if (std::getenv("MILLRACE_WRITE_EXPECTED")) std::ofstream(expected, std::ios::binary) << told;
  EXPECT_THAT(told, HasSubstr("error"));
  EXPECT_EQ(told, read(expected));
}

std::vector<std::string> all_cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCases))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Check, FaultyPipeline, ::testing::ValuesIn(all_cases()),
                         [](const auto& info) { return info.param; });

TEST(CheckPipeline, QuotesThatAreNoneAndQuotedTextOverSeveralLinesPass) {
  EXPECT_EQ(check(sample::source(R"(# it's
name: 'good''s'
description: >
  "It's so,
nodes:
  lines: {type: "text.repeat", inputs: {text: $input}, "times": 2} # it's
  words:
    type: text.split
    inputs: {line: lines.line}
outputs:
  "word": "words.\
    word"
)")),
            "");
  EXPECT_EQ(
      check(sample::source("name: g\ndescription:\n  it's\n  \"so\"\nnodes: {lines: {type: text.repeat, "
                           "inputs: {text: $input}}}\noutputs: {l: lines.line}\n")),
      "");
}

constexpr const char* kGood = R"(
name: good
parameters:
  words: {type: int, default: 2, help: words a line}
  names: {type: list of float}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, factors: $names}
  loud: {type: shout, inputs: {input: lines.line, heading: lines.line}, words: $words}
outputs:
  line: loud.line
)";

TEST(Check, UnfoldsIncludedPipelines) {
  const Registry registry = sample::registry();
  const auto checked = check_pipeline(sample::source(kGood), registry, library(),
                                      {.values = {{"names", "1, 2"}, {"words", "4"}}});
  ASSERT_EQ(checked.nodes.size(), 6u);
  EXPECT_EQ(checked.nodes[0].name, "lines");
  EXPECT_EQ(checked.nodes[1].name, "loud/words");
  EXPECT_EQ(checked.warnings, "");
  Resources resources;
  const auto results = sample::run(Graph::build(checked, resources), {"a b c d e"});
  EXPECT_EQ(results.packets.front(), "0.line: A B C D");
  EXPECT_EQ(results.packets.size(), 1u + 5u);  // twice twice five words, four a line
}

TEST(Check, ValuesFromTheCommandLineAreCheckedToo) {
  EXPECT_EQ(check(sample::source(kGood), {.values = {{"words", "many"}}}),
            "--set words=many: error: 'words': expected int, got many\n1 error\n");
  EXPECT_THAT(check(sample::source(kGood), {.values = {{"words", "300"}}}),
              HasSubstr("error: 'words': 300 is out of range: 1 to 100 words\n"
                        "    8 |   lines: {type: text.gather, inputs: {word: loud.word}, words: $words}\n"));
  EXPECT_THAT(check(sample::source(kGood), {.need_values = true}),
              HasSubstr("the parameter 'names' needs a value"));
  const Registry registry = sample::registry();
  try {
    check_pipeline(sample::source(kGood), registry, library(), {.values = {{"word", "1"}}});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_STREQ(error.what(), "the pipeline 'good' has no parameter 'word' (did you mean 'words'?)");
  }
}

TEST(Check, NullLeavesTheNodesOwnDefault) {
  const Registry registry = sample::registry();
  const auto checked = check_pipeline(sample::source(R"(
name: null
parameters:
  times: {type: int, default: null}
  prefix: {type: string or null, default: null}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: $times}
  words: {type: text.split, inputs: {line: lines.line}}
  loud: {type: text.change_case, inputs: {word: words.word}, prefix: $prefix}
outputs:
  word: loud.word
)"),
                                      registry, {});
  EXPECT_TRUE(checked.nodes[0].settings.empty());
  ASSERT_EQ(checked.nodes[2].settings.size(), 1u);
  EXPECT_TRUE(checked.nodes[2].settings[0].value.is_null());
}

TEST(Check, WarnsOfWhatDoesNoHarm) {
  EXPECT_EQ(check(sample::source(R"(
name: warned
parameters:
  unused: {type: int, default: 1}
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, max_wait_ms: 3}
outputs:
  line: lines.line
)")),
            "test.yaml:4:3: warning: nothing uses the parameter 'unused'\n"
            "    4 |   unused: {type: int, default: 1}\n"
            "      |   ^~~~~~\n"
            "test.yaml:6:3: warning: 'max_wait_ms' of 'lines' means nothing without 'batch'\n"
            "    6 |   lines: {type: text.repeat, inputs: {text: $input}, max_wait_ms: 3}\n"
            "      |   ^~~~~\n");
}

TEST(Check, HostileTextIsRefused) {
  EXPECT_THAT(check(sample::source(std::string(100'000, '['))), HasSubstr("nested deeper than 64"));
  EXPECT_THAT(check(sample::source(std::string(2'000'000, 'x'))), HasSubstr("are more than a pipeline's"));
  EXPECT_THAT(check(sample::source("a: \x01")), HasSubstr("a control character (0x01)"));
  std::string many = "name: many\nnodes:\n";
  for (int i = 0; i < 3000; ++i) many += "  n" + std::to_string(i) + ": {type: text.split}\n";
  EXPECT_THAT(check(sample::source(many)), HasSubstr("more than 2000 nodes"));
}

TEST(Check, LongNamesAreToldInShort) {
  const std::string told =
      check(sample::source("name: x\nnodes: {a: {type: \"" + std::string(500'000, 'z') + "\"}}\n"), {});
  EXPECT_THAT(told, HasSubstr("unknown node type 'zzz"));
  EXPECT_LT(told.size(), 3000U);
}

TEST(Check, EveryTruncationIsAPipelineOrAFault) {
  const std::string text = kGood;
  for (size_t size = 0; size < text.size(); ++size) check(sample::source(text.substr(0, size)));
  for (size_t at = 0; at < text.size(); ++at) {
    std::string flipped = text;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 7)));
    check(sample::source(flipped));
  }
}

}  // namespace
}  // namespace millrace
