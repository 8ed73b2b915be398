#include "backends/verify.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>

#include "backends/loaded_model.h"
#include "base/error.h"
#include "kernels/dispatch.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::string kGolden = MILLRACE_SOURCE_DIR "/tests/golden/speech/";

std::vector<VerifiedResult> results_of(const Model& model, const std::vector<ReferenceCase>& cases,
                                       const VerifyOptions& options = {}) {
  std::vector<VerifiedResult> results;
  verify(model, cases, options, [&](const VerifiedResult& result) { results.push_back(result); });
  return results;
}

struct Golden {
  std::string model, reference;
};
void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.model; }

class VerifyGolden : public testing::TestWithParam<Golden> {};

TEST_P(VerifyGolden, AgreesWithTransformersOnEveryInstructionSet) {
  const auto best = std::string(kernels::active_isa());
  for (const auto& isa : kernels::available_isas()) {
    kernels::select_isa(isa);
    const auto model = load_model(kGolden + GetParam().model);
    const auto results =
        results_of(*model.methods, read_reference(kGolden + GetParam().reference + "/reference.safetensors"));
    EXPECT_GE(results.size(), 6u);
    for (const auto& result : results)
      EXPECT_TRUE(result.passed) << isa << ' ' << result.method << '@' << result.case_name << '.'
                                 << result.result << ": " << result.why;
  }
  kernels::select_isa(best);
}

INSTANTIATE_TEST_SUITE_P(Whispers, VerifyGolden,
                         testing::Values(Golden{"heads_of_12", "heads_of_12"},
                                         Golden{"heads_of_12_ctranslate2", "heads_of_12"},
                                         Golden{"bands_128", "bands_128"},
                                         Golden{"untied_sharded", "untied_sharded"},
                                         Golden{"bfloat16", "bfloat16"}, Golden{"layerless", "layerless"}),
                         [](const auto& info) { return info.param.model; });

// A model whose only method gives what it is told to.
class FakeModel : public Model {
 public:
  explicit FakeModel(NamedTensors results) : results_(std::move(results)) {}
  const std::string& source() const override { return source_; }
  const std::vector<MethodInfo>& methods() const override { return methods_; }
  NamedTensors run(std::string_view method, const NamedTensors& arguments) const override {
    if (method != "generate" && method != "vision_encoder") fail(ErrorKind::input, "no method '{}'", method);
    asked_ = arguments;
    return results_;
  }
  mutable NamedTensors asked_;

 private:
  NamedTensors results_;
  std::string source_ = "fake";
  std::vector<MethodInfo> methods_ = {{"generate", {"input_ids", "max_new_tokens"}, {"sequences"}}};
};

Tensor reals(Shape shape, std::vector<float> values) {
  return Tensor::from<float>(std::move(shape), std::span<const float>(values));
}
Tensor ids(Shape shape, std::vector<int64_t> values) {
  return Tensor::from<int64_t>(std::move(shape), std::span<const int64_t>(values));
}

VerifiedResult compare_one(const Tensor& given, const Tensor& expected, double tolerance = 1e-4) {
  const auto results =
      results_of(FakeModel({{"sequences", given}}),
                 {{"generate", "", {{"input_ids", ids({1}, {0})}}, {{"sequences", expected}}}},
                 {.tolerance = tolerance, .method = {}});
  EXPECT_EQ(results.size(), 1u);
  return results.front();
}

TEST(Verify, MeasuresAgainstTheLargestMagnitude) {
  const auto near = compare_one(reals({2}, {-10.0f, 0.0009f}), reals({1, 1, 2}, {-10, 0}));
  EXPECT_TRUE(near.passed) << near.why;
  EXPECT_NEAR(near.max_error, 9e-4, 1e-8);
  EXPECT_NEAR(near.error, 9e-5, 1e-9);
  const auto far = compare_one(reals({2}, {-10.0f, 0.0011f}), reals({2}, {-10, 0}));
  EXPECT_FALSE(far.passed);
  EXPECT_THAT(far.why, HasSubstr("more than 0.0001 of the largest magnitude"));
  EXPECT_TRUE(compare_one(reals({2}, {-10.0f, 0.0011f}), reals({2}, {-10, 0}), 1e-3).passed);
}

TEST(Verify, RefusesOtherShapesAndTypes) {
  EXPECT_THAT(compare_one(reals({2, 1}, {1, 2}), reals({2}, {1, 2})).why,
              HasSubstr("shape is [2, 1] instead of [2]"));
  EXPECT_EQ(compare_one(ids({1}, {2}), reals({1}, {2})).why, "the type is int64 instead of float32");
  EXPECT_EQ(compare_one(reals({1}, {2}), ids({1}, {2})).why, "the type is float32 instead of int64");
}

TEST(Verify, EmbeddingsAreRowsHoweverTheyAreGrouped) {
  const auto compared = [](Shape given, Shape expected) {
    const std::vector<float> values = {1, 2, 3, 4, 5, 6, 7, 8};
    return results_of(FakeModel({{"embeddings", reals(std::move(given), values)}}),
                      {{"vision_encoder", "", {}, {{"embeddings", reals(std::move(expected), values)}}}})
        .front();
  };
  EXPECT_TRUE(compared({2, 2, 2}, {4, 2}).passed);
  EXPECT_TRUE(compared({4, 2}, {2, 2, 2}).passed);
  EXPECT_FALSE(compared({4, 2}, {2, 4}).passed);
}

TEST(Verify, NoNumberPassesAndInfinitiesHideNothing) {
  EXPECT_FALSE(compare_one(reals({2}, {1, NAN}), reals({2}, {1, 2})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, 2}), reals({2}, {1, NAN})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, NAN}), reals({2}, {1, NAN})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, INFINITY}), reals({2}, {1, 2})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, INFINITY}), reals({2}, {1, -INFINITY})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, INFINITY}), reals({2}, {2, INFINITY})).passed);
  EXPECT_TRUE(compare_one(reals({2}, {1, -INFINITY}), reals({2}, {1, -INFINITY})).passed);
  EXPECT_FALSE(compare_one(reals({1}, {1e-9f}), reals({1}, {0})).passed);
  EXPECT_TRUE(compare_one(reals({1}, {0}), reals({1}, {0})).passed);
}

TEST(Verify, IntegersHaveToBeEqual) {
  EXPECT_TRUE(compare_one(ids({1, 2}, {3, 4}), ids({1, 2}, {3, 4})).passed);
  const auto result = compare_one(ids({1, 2}, {100000, 4}), ids({1, 2}, {100000, 5}));
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.why, "element 1 is 4 instead of 5");
  EXPECT_DOUBLE_EQ(result.error, 0.5);
}

TEST(Verify, GeneratesAsManyTokensAsTheReferenceHolds) {
  const FakeModel model({{"sequences", ids({1, 3}, {1, 2, 3})}});
  const auto results =
      results_of(model, {{"generate", "a", {{"input_ids", ids({1}, {0})}}, {{"ids", ids({3}, {1, 2, 3})}}}});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].passed) << results[0].why;
  EXPECT_EQ(results[0].case_name, "a");
  EXPECT_EQ(model.asked_.at("max_new_tokens").data<int64_t>()[0], 3);
}

TEST(Verify, WhatTheModelDoesNotHaveFails) {
  const FakeModel model({});
  const std::vector<ReferenceCase> cases = {
      {"forward", "", {{"x", reals({1}, {0})}}, {{"y", reals({1}, {0})}}},
      {"generate", "", {{"input_ids", ids({1}, {0})}}, {{"other", ids({1}, {0})}}}};
  const auto results = results_of(model, cases);
  ASSERT_EQ(results.size(), 2u);
  for (const auto& result : results) {
    EXPECT_FALSE(result.passed);
    EXPECT_TRUE(std::isinf(result.error));  // which is shown as none
  }
  EXPECT_EQ(results[0].why, "no method 'forward'");
  EXPECT_EQ(results[1].why, "the method 'generate' has no result 'sequences'");
  EXPECT_EQ(results_of(model, cases, {.method = "forward"}).size(), 1u);
  try {
    results_of(model, cases, {.method = "foward"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.what(), HasSubstr("nothing of a method 'foward' (did you mean 'forward'?)"));
  }
}

// Real weights, where someone has them: a folder, and a reference that a script made from it.
TEST(Verify, RealModel) {
  const char* folder = std::getenv("MILLRACE_VERIFY_MODEL");
  const char* reference = std::getenv("MILLRACE_VERIFY_REFERENCE");
  if (!folder || !reference)
    GTEST_SKIP() << "MILLRACE_VERIFY_MODEL and MILLRACE_VERIFY_REFERENCE are not set";
  const auto model = load_model(folder);
  for (const auto& result : results_of(*model.methods, read_reference(reference)))
    EXPECT_TRUE(result.passed) << result.method << '@' << result.case_name << '.' << result.result << ": "
                               << result.why;
}

}  // namespace
}  // namespace millrace
