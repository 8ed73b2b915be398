#include "decoders/generation/sampling_case.h"

#include <gmock/gmock.h>

#include "base/json_file.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

// What transformers makes of each case: tests/golden/sampling/make_sampling.py.
TEST(SamplingCase, AgreesWithTransformers) {
  const auto cases =
      read_json(MILLRACE_SOURCE_DIR "/tests/golden/sampling/cases.json", ErrorKind::internal, 4u << 20);
  ASSERT_GT(cases.size(), 300u);
  for (auto document : cases) {
    const auto kept = document["kept"].get<std::vector<TokenId>>();
    const auto probs = document["probs"].get<std::vector<float>>();
    document.erase("kept");
    document.erase("probs");
    const auto chances = sampling_case(document, "case");
    ASSERT_EQ(chances.kept, kept) << document;
    for (size_t i = 0; i < probs.size(); ++i)
      ASSERT_NEAR(chances.probabilities[i], probs[i], 1e-6) << document;
  }
}

TokenChances chances(const char* json) { return sampling_case(nlohmann::json::parse(json), "case"); }

TEST(SamplingCase, TemperatureZeroTakesTheBest) {
  const auto taken = chances(R"({"logits": [1, 3, 3], "params": {"temperature": 0, "top_k": 3}})");
  EXPECT_EQ(taken.kept, std::vector<TokenId>{1});
  EXPECT_EQ(taken.probabilities, std::vector<float>{1});
}

TEST(SamplingCase, WithoutASamplingOptionNothingIsCutOff) {
  EXPECT_EQ(chances(R"({"logits": [9, 1, null]})").kept.size(), 2u);
  EXPECT_EQ(chances(R"({"logits": [9, 1, 0], "params": {"top_k": 1}})").kept.size(), 1u);
  EXPECT_EQ(chances(R"({"logits": [9, 1, 0], "params": {"top_k": 1, "do_sample": false}})").kept.size(), 3u);
}

std::string error_of(const char* json) {
  try {
    chances(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "none";
}

TEST(SamplingCase, FaultsNameWhatIsWrong) {
  EXPECT_THAT(error_of("[]"), HasSubstr("a case is an object"));
  EXPECT_THAT(error_of("{}"), HasSubstr("'logits'"));
  EXPECT_THAT(error_of(R"({"logits": []})"), HasSubstr("'logits'"));
  EXPECT_THAT(error_of(R"({"logits": [1, "x"]})"), HasSubstr("logit 1 is string"));
  EXPECT_THAT(error_of(R"({"logits": [1e300]})"), HasSubstr("beyond float32"));
  EXPECT_THAT(error_of(R"({"logits": [1], "promt_ids": []})"), HasSubstr("did you mean 'prompt_ids'"));
  EXPECT_THAT(error_of(R"({"logits": [1], "prompt_ids": [-1]})"), HasSubstr("-1"));
  EXPECT_THAT(error_of(R"({"logits": [1], "params": {"topp": 1}})"), HasSubstr("did you mean 'top_p'"));
  EXPECT_THAT(error_of(R"({"logits": [1], "params": {"logit_bias": {"1": 1}}})"), HasSubstr("'logit_bias'"));
}

}  // namespace
}  // namespace millrace
