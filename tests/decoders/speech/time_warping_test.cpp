#include "decoders/speech/time_warping.h"

#include <gtest/gtest.h>

#include "tests/decoders/golden_json.h"

namespace millrace {
namespace {

TEST(TimeWarping, TakesTheReferencesPath) {
  for (const auto& each : testing::transcribe_golden("time_warping")) {
    const auto cost = each["cost"].get<std::vector<float>>();
    const auto path = each["path"].get<std::vector<std::pair<int, int>>>();
    EXPECT_EQ(warp_time(cost, each["rows"], each["columns"]), path)
        << each["rows"] << " x " << each["columns"];
  }
}

TEST(TimeWarping, OfNothingIsNothing) { EXPECT_TRUE(warp_time({}, 0, 0).empty()); }

TEST(MedianOfSeven, EqualsTheReference) {
  for (const auto& each : testing::transcribe_golden("median_of_seven")) {
    const auto values = each["values"].get<std::vector<float>>();
    std::vector<float> filtered(values.size());
    median_of_seven(values, filtered.data());
    EXPECT_EQ(filtered, each["filtered"].get<std::vector<float>>()) << values.size();
  }
}

}  // namespace
}  // namespace millrace
