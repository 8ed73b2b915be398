#include "base/suggest.h"

#include <gtest/gtest.h>

#include <vector>

namespace millrace {
namespace {

const std::vector<std::string> kNames = {"audio.read", "audio.window", "beam_size", "seed", "sample"};

TEST(Suggest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("audio.raed", kNames), "audio.read");     // neighbours swapped
  EXPECT_EQ(nearest("audio.windw", kNames), "audio.window");  // a letter short
  EXPECT_EQ(nearest("beamm_size", kNames), "beam_size");      // a letter too many
  EXPECT_EQ(nearest("sead", kNames), "seed");
  EXPECT_EQ(did_you_mean("beam-size", kNames), " (did you mean 'beam_size'?)");
}

TEST(Suggest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest("transcribe", kNames), "");
  EXPECT_EQ(did_you_mean("", kNames), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
  EXPECT_EQ(nearest(std::string(10'000, 'a'), kNames), "");
  const std::vector<std::string> single = {"a"};
  EXPECT_EQ(nearest("b", single), "");  // every letter differs
}

}  // namespace
}  // namespace millrace
