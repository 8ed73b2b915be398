// Renderings against transformers: tests/golden/templates/make_templates.py.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/json_file.h"
#include "tests/tokenizers/jinja/rendering.h"

namespace millrace {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(MILLRACE_SOURCE_DIR) / "tests/golden/templates";

TEST(GoldenTemplates, AgreeWithTheReference) {
  const auto document = parse_ordered_json(read_text(kFolder / "goldens.json", ErrorKind::input, 10 << 20),
                                           "goldens.json", ErrorKind::input);
  const auto& cases = document.at("cases");
  int texts = 0, errors = 0;
  for (const auto& golden : document.at("goldens")) {
    const auto file = golden.at("template").get<std::string>(), name = golden.at("case").get<std::string>();
    const std::string text = rendered(read_text(kFolder / file, ErrorKind::input, 1 << 20), cases.at(name));
    if (golden.contains("text")) {
      EXPECT_EQ(text, golden.at("text").get<std::string>()) << file << ", case " << name;
      ++texts;
    } else {
      // "TemplateError: the message" there, "input: t:1:2: the message" here.
      const auto error = golden.at("error").get<std::string>();
      EXPECT_TRUE(text.starts_with("input: t:")) << file << ", case " << name << ": " << text;
      if (error.starts_with("TemplateError: ")) {
        EXPECT_TRUE(text.ends_with(": " + error.substr(error.find(' ') + 1))) << text << " against " << error;
      }
      ++errors;
    }
  }
  EXPECT_GT(texts, 200);
  EXPECT_GT(errors, 20);
}

}  // namespace
}  // namespace millrace
