#include "graph/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "base/json_file.h"
#include "graph/picture.h"
#include "tests/graph/sample_pipeline.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

TEST(Describe, ListsNodesWithTheirHelp) {
  EXPECT_THAT(list_nodes(sample::registry()), HasSubstr("text.split        Cuts a line into words.\n"));
}

TEST(Describe, TellsAllAboutANode) {
  const Registry registry = sample::registry();
  EXPECT_EQ(describe_node(*registry.find("text.chunk")),
            R"(text.chunk: Cuts a stream of words into lines that start where the last one was read to.
(none or many results per input, remembers its stream)

inputs
  word  sample::Word  any word
  seek  integer       how many words of the last line were read (feedback)

outputs
  line  sample::Line  the words with spaces between

parameters (name, type, default, range)
  words  int  3  1 to 100 words  most words a line

in a pipeline
  chunk:
    type: text.chunk
    inputs: {word: NODE.word}
    feedback: {seek: NODE.seek}
    words: 3
)");
}

TEST(Describe, WritesMarkdown) {
  const std::string text = nodes_markdown(sample::registry());
  EXPECT_THAT(text, HasSubstr("### text.change_case\n"));
  EXPECT_THAT(text, HasSubstr("| `to` | choice | `upper` | upper \\| lower | the case wanted |\n"));
  EXPECT_THAT(text, HasSubstr("| `queue` | int | `4` | 1 to 65536 |"));
}

CheckedPipeline pictured(const Registry& registry) {
  return check_pipeline(sample::source(R"(
name: reading
description: Reads words <carefully> & in turn
nodes:
  lines: {type: text.repeat, inputs: {text: $input}, times: 7}
  words: {type: text.split, inputs: {line: lines.line}, separators: " ,;"}
  loud: {type: text.change_case, inputs: {word: words.word}, to: lower, batch: 8, concurrency: 2}
  chunks: {type: text.chunk, inputs: {word: loud.word}, feedback: {seek: read.seek}, words: 3, policy: drop_oldest}
  read: {type: text.read, inputs: {line: chunks.line}}
  count: {type: text.gather, inputs: {word: loud.word}}
outputs:
  line: read.line
  total: count.total
)"),
                        registry, {});
}

TEST(Picture, HasEveryNodeEdgeAndSetting) {
  const Registry registry = sample::registry();
  const std::string dot = to_dot(pictured(registry));
  EXPECT_THAT(dot, HasSubstr("Reads words &lt;carefully&gt; &amp; in turn"));
  EXPECT_THAT(dot, HasSubstr("<B>chunks</B>"));
  EXPECT_THAT(dot, HasSubstr("node5 -> node3 [label=<&nbsp;seek<BR/>"));
  EXPECT_THAT(dot, HasSubstr("style=dashed"));
  EXPECT_THAT(dot, HasSubstr("drop_oldest"));
  EXPECT_THAT(dot, HasSubstr("&quot; ,;&quot;")) << "settings are shown as YAML would say them";
}

class Drawn : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) const {
    return std::filesystem::path(::testing::TempDir()) /
           ("millrace-picture-" + std::to_string(getpid()) + name);
  }
};

TEST_F(Drawn, IntoEveryFormat) {
  if (std::system("dot -V 2>/dev/null") != 0) GTEST_SKIP() << "no Graphviz here";
  const Registry registry = sample::registry();
  const std::string dot = to_dot(pictured(registry));
  for (const auto& [ending, magic] : {std::pair{".svg", "<?xml"}, {".png", "\x89PNG"}, {".dot", "digraph"}}) {
    draw(dot, file(ending));
    std::ifstream in(file(ending), std::ios::binary);
    std::string start(std::string(magic).size(), ' ');
    in.read(start.data(), static_cast<std::streamsize>(start.size()));
    EXPECT_EQ(start, magic);
    std::filesystem::remove(file(ending));
  }
}

TEST_F(Drawn, SaysWhatItCannotDo) {
  EXPECT_THROW(draw("digraph {}", file(".bmp")), Error);
  EXPECT_THROW(draw("digraph {", file(".svg")), Error);
  EXPECT_FALSE(std::filesystem::exists(file(".svg")));
  const std::string path = getenv("PATH");
  setenv("PATH", "/nonexistent", 1);
  try {
    draw("digraph {}", file(".svg"));
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("which is not installed"));
  }
  setenv("PATH", path.c_str(), 1);
}

}  // namespace
}  // namespace millrace
