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
    const auto reference = open_checkpoint(kGolden + GetParam().reference + "/reference.safetensors");
    const auto results = verify(*model.methods, *reference);
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
                                         Golden{"bfloat16", "bfloat16"}),
                         [](const auto& info) { return info.param.model; });

// A model whose only method gives what it is told to.
class FakeModel : public Model {
 public:
  explicit FakeModel(NamedTensors results) : results_(std::move(results)) {}
  const std::string& source() const override { return source_; }
  const std::vector<MethodInfo>& methods() const override { return methods_; }
  NamedTensors run(std::string_view method, const NamedTensors& arguments) const override {
    if (method != "generate") fail(ErrorKind::input, "no method '{}'", method);
    asked_ = arguments;
    return results_;
  }
  mutable NamedTensors asked_;

 private:
  NamedTensors results_;
  std::string source_ = "fake";
  std::vector<MethodInfo> methods_ = {{"generate", {"input_ids", "max_new_tokens"}, {"sequences"}}};
};

class FakeReference : public Checkpoint {
 public:
  explicit FakeReference(std::map<std::string, Tensor> tensors) : tensors_(std::move(tensors)) {}
  const std::string& source() const override { return source_; }
  std::string_view format() const override { return "safetensors"; }
  bool has(std::string_view name) const override { return tensors_.contains(std::string(name)); }
  Tensor get(std::string_view name) const override { return tensors_.at(std::string(name)); }
  TensorInfo info(std::string_view name) const override { return {"", get(name).shape(), 0, nullptr}; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) names.push_back(name);
    return names;
  }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }

 private:
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::string source_ = "reference";
};

Tensor reals(Shape shape, std::vector<float> values) {
  return Tensor::from<float>(std::move(shape), std::span<const float>(values));
}
Tensor ids(Shape shape, std::vector<int64_t> values) {
  return Tensor::from<int64_t>(std::move(shape), std::span<const int64_t>(values));
}

VerifiedResult compare_one(const Tensor& given, const Tensor& expected, double tolerance = 1e-4) {
  const FakeModel model({{"sequences", given}});
  const FakeReference reference(
      {{"in.generate.input_ids", ids({1}, {0})}, {"out.generate.sequences", expected}});
  const auto results = verify(model, reference, {.tolerance = tolerance, .method = {}});
  EXPECT_EQ(results.size(), 1u);
  return results.front();
}

TEST(Verify, MeasuresAgainstTheLargestMagnitude) {
  const auto near = compare_one(reals({2}, {-10.0f, 0.0009f}), reals({1, 1, 2}, {-10, 0}));
  EXPECT_TRUE(near.passed) << near.why;
  EXPECT_NEAR(near.max_error, 9e-4, 1e-8);
  EXPECT_NEAR(near.relative, 9e-5, 1e-9);
  const auto far = compare_one(reals({2}, {-10.0f, 0.0011f}), reals({2}, {-10, 0}));
  EXPECT_FALSE(far.passed);
  EXPECT_THAT(far.why, HasSubstr("1.1e-04 of the largest magnitude"));
  EXPECT_TRUE(compare_one(reals({2}, {-10.0f, 0.0011f}), reals({2}, {-10, 0}), 1e-3).passed);
}

TEST(Verify, RefusesOtherShapesAndNoNumbers) {
  EXPECT_THAT(compare_one(reals({2, 1}, {1, 2}), reals({2}, {1, 2})).why,
              HasSubstr("shape is [2, 1] instead of [2]"));
  EXPECT_FALSE(compare_one(reals({2}, {1, NAN}), reals({2}, {1, 2})).passed);
  EXPECT_FALSE(compare_one(reals({2}, {1, INFINITY}), reals({2}, {1, 2})).passed);
  EXPECT_TRUE(compare_one(reals({2}, {1, -INFINITY}), reals({2}, {1, -INFINITY})).passed);
  EXPECT_FALSE(compare_one(reals({1}, {1e-9f}), reals({1}, {0})).passed);
  EXPECT_TRUE(compare_one(reals({1}, {0}), reals({1}, {0})).passed);
}

TEST(Verify, WholeNumbersHaveToBeEqual) {
  EXPECT_TRUE(compare_one(ids({1, 2}, {3, 4}), ids({1, 2}, {3, 4})).passed);
  const auto result = compare_one(ids({1, 2}, {100000, 4}), ids({1, 2}, {100000, 5}));
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.why, "element 1 is 4 instead of 5");
}

TEST(Verify, GeneratesAsManyTokensAsTheReferenceHolds) {
  const FakeModel model({{"sequences", ids({1, 3}, {1, 2, 3})}});
  const FakeReference reference(
      {{"in.generate@a.input_ids", ids({1}, {0})}, {"out.generate@a.ids", ids({3}, {1, 2, 3})}});
  const auto results = verify(model, reference);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].passed) << results[0].why;
  EXPECT_EQ(results[0].case_name, "a");
  EXPECT_EQ(model.asked_.at("max_new_tokens").data<int64_t>()[0], 3);
}

TEST(Verify, WhatTheModelDoesNotHaveFails) {
  const FakeModel model({});
  const FakeReference reference({{"in.forward.x", reals({1}, {0})},
                                 {"out.forward.y", reals({1}, {0})},
                                 {"in.generate.input_ids", reals({1}, {0})},
                                 {"out.generate.other", reals({1}, {0})},
                                 {"in.generate@lonely.input_ids", reals({1}, {0})}});
  const auto results = verify(model, reference);
  ASSERT_EQ(results.size(), 3u);
  for (const auto& result : results) EXPECT_FALSE(result.passed);
  EXPECT_EQ(results[0].why, "no method 'forward'");
  EXPECT_EQ(results[1].why, "the method 'generate' has no result 'sequences'");
  EXPECT_THAT(results[2].why, HasSubstr("holds no result"));
  EXPECT_EQ(verify(model, reference, {.method = "forward"}).size(), 1u);
}

TEST(Verify, RefusesOtherFiles) {
  const FakeModel model({});
  const auto message = [&](const FakeReference& reference, const std::string& method) -> std::string {
    try {
      verify(model, reference, {.method = method});
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(FakeReference({}), ""), HasSubstr("holds nothing"));
  for (const char* name : {"weight", "in.x", "in..x", "on.a.b", "out.a."})
    EXPECT_THAT(message(FakeReference({{name, reals({1}, {0})}}), ""), HasSubstr("is neither in.METHOD"))
        << name;
  EXPECT_THAT(message(FakeReference({{"out.forward.y", reals({1}, {0})}}), "foward"),
              HasSubstr("no method 'foward' (did you mean 'forward'?)"));
}

// Real weights, where someone has them: a folder, and a reference that a script made from it.
TEST(Verify, RealModel) {
  const char* folder = std::getenv("MILLRACE_VERIFY_MODEL");
  const char* reference = std::getenv("MILLRACE_VERIFY_REFERENCE");
  if (!folder || !reference)
    GTEST_SKIP() << "MILLRACE_VERIFY_MODEL and MILLRACE_VERIFY_REFERENCE are not set";
  const auto model = load_model(folder);
  for (const auto& result : verify(*model.methods, *open_checkpoint(reference)))
    EXPECT_TRUE(result.passed) << result.method << '@' << result.case_name << '.' << result.result << ": "
                               << result.why;
}

}  // namespace
}  // namespace millrace
