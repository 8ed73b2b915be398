#include "base/embedded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

namespace millrace {
namespace {

TEST(Embedded, FilesAreWhatTheProjectHolds) {
  for (const std::string_view name : embedded_files()) {
    std::ifstream file(std::string(MILLRACE_SOURCE_DIR "/") + std::string(name), std::ios::binary);
    ASSERT_TRUE(file) << name;
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    const auto embedded = embedded_file(name);
    ASSERT_TRUE(embedded.has_value());
    EXPECT_TRUE(*embedded == bytes) << name;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(embedded->data()) % 64, 0u);
  }
}

TEST(Embedded, NamesAreSortedAndFoundByPrefix) {
  const auto names = embedded_files();
  EXPECT_TRUE(std::ranges::is_sorted(names));
  for (const std::string_view name : embedded_files("models/data/"))
    EXPECT_TRUE(name.starts_with("models/data/"));
}

TEST(Embedded, AnUnknownNameIsNothing) {
  EXPECT_FALSE(embedded_file("pipelines/none.yaml").has_value());
  EXPECT_FALSE(embedded_file("").has_value());
}

}  // namespace
}  // namespace millrace
