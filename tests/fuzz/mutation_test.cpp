#include "tests/fuzz/mutation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace millrace::fuzz {
namespace {

Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

TEST(Mutation, RepeatsFromTheSameSeed) {
  const std::vector<Bytes> seeds = {bytes_of(R"({"n": 12, "l": [1, 2]})"), bytes_of("other")};
  Random one(7), two(7);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(mutated(seeds, one), mutated(seeds, two));
}

TEST(Mutation, MakesManyDifferentInputs) {
  const std::vector<Bytes> seeds = {bytes_of(R"({"n": 12, "l": [1, 2]})")};
  Random random(1);
  std::set<std::string> seen;
  bool shorter = false, longer = false, number = false;
  for (int i = 0; i < 2000; ++i) {
    const Bytes bytes = mutated(seeds, random);
    const std::string text(bytes.begin(), bytes.end());
    seen.insert(text);
    shorter |= bytes.size() < seeds[0].size();
    longer |= bytes.size() > seeds[0].size();
    number |=
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()).find("4294967296") !=
        std::string_view::npos;
  }
  EXPECT_GT(seen.size(), 1500u);
  EXPECT_TRUE(shorter && longer && number);
}

TEST(Mutation, TakesEmptySeeds) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) mutated({Bytes{}}, random);
}

}  // namespace
}  // namespace millrace::fuzz
