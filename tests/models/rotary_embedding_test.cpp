#include "models/layers/rotary_embedding.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Settings settings(std::map<std::string, nlohmann::json> values) {
  std::map<std::string, Setting> result;
  values.emplace("base", 16.0);
  for (auto& [name, value] : values) result.emplace(name, Setting{value, "config.json: '" + name + "'"});
  return Settings(std::move(result));
}

// The places by which the pairs of a head turn, where all turn at the same pace: their angles over the
// frequency.
std::vector<int64_t> axes(const Settings& settings, int64_t head_dim, int64_t equal_to) {
  const RotaryEmbedding rotary(settings, head_dim);
  Workspace workspace;
  const GridPosition here = {1, 2, 3};
  const RotaryAngles angles = rotary.room(1, workspace);
  rotary.angles(std::span(&here, 1), 1, angles);
  std::vector<int64_t> result;
  for (int64_t i = 0; i < angles.sines.width; ++i) {
    const double frequency =
        std::pow(16., -2. * static_cast<double>(i % equal_to) / static_cast<double>(2 * equal_to));
    result.push_back(std::lround(std::atan2(angles.sines.data[i], angles.cosines.data[i]) / frequency));
  }
  return result;
}

TEST(RotaryEmbedding, TurnsByTimeAlone) { EXPECT_THAT(axes(settings({}), 6, 3), ElementsAre(1, 1, 1)); }

TEST(RotaryEmbedding, TurnsInSections) {
  EXPECT_THAT(axes(settings({{"sections", {1, 2, 2}}}), 10, 5), ElementsAre(1, 2, 2, 3, 3));
  EXPECT_THAT(axes(settings({{"sections", {1, 1, 2, 1}}}), 10, 5), ElementsAre(1, 2, 3, 3, 1))
      << "a fourth section is time's again";
}

TEST(RotaryEmbedding, MixesSections) {
  EXPECT_THAT(axes(settings({{"sections", {3, 2, 2}}, {"mixed_sections", true}}), 14, 7),
              ElementsAre(1, 2, 3, 1, 2, 3, 1));
  EXPECT_THAT(axes(settings({{"sections", {3, 2, 1}}, {"mixed_sections", true}}), 14, 7),
              ElementsAre(1, 2, 3, 1, 2, 1, 1));
}

TEST(RotaryEmbedding, TurnsByPlaceAtTheSamePaceInBothHalves) {
  EXPECT_THAT(axes(settings({{"by_place", true}}), 12, 3), ElementsAre(2, 2, 2, 3, 3, 3));
}

std::string error_of(const Settings& settings, int64_t head_dim) {
  try {
    RotaryEmbedding(settings, head_dim);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(RotaryEmbedding, RefusesWhatDoesNotFitTheHead) {
  EXPECT_THAT(error_of(settings({{"sections", {1, 2, 3}}}), 10),
              HasSubstr("config.json: 'sections': sections of 1, 2, 3 pairs do not fit heads of 5"));
  EXPECT_THAT(error_of(settings({{"sections", {2, 3}}}), 10), HasSubstr("sections of 2, 3 pairs"));
  EXPECT_THAT(error_of(settings({{"sections", {2000000000, 2000000000, 7}}}), 10), HasSubstr("do not fit"));
  EXPECT_THAT(error_of(settings({{"by_place", true}}), 10), HasSubstr("heads of 10 elements cannot turn"));
}

}  // namespace
}  // namespace millrace
