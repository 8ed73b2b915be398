#include "cli/stats_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace millrace::cli {
namespace {

RunStats sample() {
  return {.seconds = 20,
          .over = false,
          .stages = {{.name = "source", .calls = 200, .busy = 19.96},
                     {.name = "speech",
                      .calls = 190,
                      .failed = 2,
                      .dropped = 10,
                      .waiting = 1,
                      .capacity = 32,
                      .deepest = 8,
                      .busy = 1.5,
                      .timed = 190,
                      .latency = 190 * 0.012,
                      .longest = 0.25},
                     {.name = "→ line",
                      .output = true,
                      .calls = 5,
                      .capacity = 16,
                      .deepest = 1,
                      .timed = 5,
                      .latency = 6.2,
                      .longest = 2.5}}};
}

TEST(StatsTable, HasARowForEachNodeAndOutput) {
  EXPECT_EQ(stats_table(sample(), {}),
            "after 20.0 s  calls/s    queue deepest  latency  longest  drops  busy fail\n"
            "source           10.0                                           100 %\n"
            "speech           9.50     1/32       8  12.0 ms   250 ms     10   8 %    2\n"
            "→ line           0.25     0/16       1   1.24 s   2.50 s\n");
}

TEST(StatsTable, TellsOfWhatHappenedSince) {
  const RunStats before = sample();
  RunStats now = sample();
  now.seconds += 2;
  now.stages[1].calls += 1;
  now.stages[1].timed += 1;
  now.stages[1].latency += 0.2;
  now.stages[1].busy += 1;
  EXPECT_THAT(
      stats_table(now, before),
      ::testing::HasSubstr("speech           0.50     1/32       8   200 ms   250 ms     10  50 %    2\n"));
}

TEST(StatsTable, FitsAnEightyColumnTerminalWhateverTheNumbers) {
  RunStats stats = sample();
  stats.seconds = 1'000'000;
  stats.stages[0].name = "a_name/that_is/longer_than_the_column";
  stats.stages[2].name = "→ längeres_als_die_spalte";
  stats.stages[1] = {.name = "x",
                     .calls = 1'000'000'000'000,
                     .failed = 123'456,
                     .dropped = 123'456'789'012,
                     .waiting = 1000,
                     .capacity = 1000,
                     .deepest = 10'000'000,
                     .busy = 4e6,
                     .timed = 1,
                     .latency = 500'000,
                     .longest = 500'000};
  std::istringstream lines(stats_table(stats, {}));
  size_t rows = 0;
  for (std::string line; std::getline(lines, line); ++rows) {
    size_t width = 0;
    for (const char c : line) width += (c & 0xC0) != 0x80;
    EXPECT_LE(width, 80u) << line;
  }
  EXPECT_EQ(rows, 4u);
  EXPECT_THAT(stats_table(stats, {}), ::testing::HasSubstr("\na_name/that_is/lo… "));
}

TEST(StatsView, TellsOfTheLastSecondsAndOfAllInTheEnd) {
  StatsView view;
  RunStats stats{.seconds = 0, .over = false, .stages = {{.name = "n"}}};
  const auto rate = [&] {
    std::istringstream words(view.table(stats).substr(view.table(stats).find("\nn") + 2));
    std::string word;
    words >> word;
    return word;
  };
  for (int i = 0; i < 40; ++i, stats.seconds += 0.5, stats.stages[0].calls += 10) rate();
  EXPECT_EQ(rate(), "20.0");
  for (int i = 0; i < 20; ++i, stats.seconds += 0.5) rate();
  EXPECT_EQ(rate(), "0.00");
  stats.over = true;
  EXPECT_EQ(rate(), "13.3");
}

}  // namespace
}  // namespace millrace::cli
