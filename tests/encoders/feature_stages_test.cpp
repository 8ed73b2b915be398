#include "encoders/feature_stages.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<int64_t> stages(const std::string& name, const nlohmann::json& value) {
  return feature_stages(Settings({{name, {value, "config.json: '" + name + "'"}}}), 4);
}

TEST(FeatureStages, AreTheLastWhereNothingIsSaid) {
  EXPECT_THAT(feature_stages(Settings({}), 3), ElementsAre(3));
}

TEST(FeatureStages, AreGivenByNumbersOrNames) {
  EXPECT_THAT(stages("out_indices", {0, 2, -1}), ElementsAre(0, 2, 4));
  EXPECT_THAT(stages("out_features", {"stem", "stage3"}), ElementsAre(0, 3));
  EXPECT_THAT(stages("out_layers", {3, 0, 3, 9, -1}), ElementsAre(1, 4));
}

TEST(FeatureStages, ThatThereAreNotAreErrorsThatNameTheKey) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, nlohmann::json>>{{"out_indices", {5}},
                                                           {"out_indices", {-6}},
                                                           {"out_indices", {2, 1}},
                                                           {"out_indices", {1, 1}},
                                                           {"out_indices", {1.5}},
                                                           {"out_indices", nlohmann::json::array()},
                                                           {"out_features", {"stage5"}},
                                                           {"out_features", {"stage2", "stem"}}}) {
    try {
      stages(name, value);
      ADD_FAILURE() << "no error: " << name << ' ' << value;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      EXPECT_THAT(error.what(), HasSubstr(name));
    }
  }
}

}  // namespace
}  // namespace millrace
