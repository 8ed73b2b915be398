#include "backends/reference_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;

// Doubles `x` (float32) into `y`; `ids` gives the numbers below max_new_tokens.
class Doubler : public Model {
 public:
  const std::string& source() const override { return source_; }
  const std::vector<MethodInfo>& methods() const override { return infos_; }
  NamedTensors run(std::string_view method, const NamedTensors& arguments) const override {
    if (method == "forward") {
      Tensor y = arguments.at("x").reshaped({1, arguments.at("x").count()});
      std::vector<float> values(y.values<float>().begin(), y.values<float>().end());
      for (float& value : values) value *= 2;
      NamedTensors results;
      results.emplace("y", Tensor::from<float>(y.shape(), values));
      return results;
    }
    if (method != "generate") fail(ErrorKind::input, "there is no method '{}'", method);
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < arguments.at("max_new_tokens").values<int64_t>()[0]; ++i) ids.push_back(i);
    NamedTensors results;
    results.emplace("sequences", Tensor::from<int64_t>({1, int64_t(ids.size())}, ids));
    return results;
  }

 private:
  std::string source_ = "doubler";
  std::vector<MethodInfo> infos_;
};

class Reference : public Checkpoint {
 public:
  explicit Reference(NamedTensors tensors) : tensors_(std::move(tensors)) {}
  const std::string& source() const override { return source_; }
  std::string_view format() const override { return "test"; }
  bool has(std::string_view name) const override { return tensors_.contains(name); }
  Tensor get(std::string_view name) const override { return tensors_.find(name)->second; }
  TensorInfo info(std::string_view) const override { return {}; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& entry : tensors_) names.push_back(entry.first);
    return names;
  }

 private:
  std::string source_ = "reference";
  std::map<std::string, std::string> metadata_;
  NamedTensors tensors_;
};

Tensor floats(Shape shape, std::vector<float> values) {
  return Tensor::from<float>(std::move(shape), values);
}
Tensor ids(std::vector<int64_t> values) {
  const Shape shape = {int64_t(values.size())};
  return Tensor::from<int64_t>(shape, values);
}

std::vector<ReferenceResult> check(NamedTensors tensors, ReferenceOptions options = {}) {
  std::vector<ReferenceResult> all;
  check_reference(Doubler(), Reference(std::move(tensors)), options,
                  [&](const ReferenceResult& result) { all.push_back(result); });
  return all;
}

TEST(ReferenceCheck, ComparesToTheLargestMagnitude) {
  const auto results =
      check({{"in.forward.x", floats({2}, {1, 100})}, {"out.forward.y", floats({2}, {2.01F, 200})}});
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].method, "forward");
  EXPECT_TRUE(results[0].within);
  EXPECT_NEAR(results[0].error, 0.01 / 200, 1e-7);
  EXPECT_FALSE(check({{"in.forward.x", floats({2}, {1, 100})}, {"out.forward.y", floats({2}, {2.01F, 200})}},
                     {.tolerance = 1e-5})[0]
                   .within);
}

TEST(ReferenceCheck, NothingThatIsNoNumberPasses) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(check({{"in.forward.x", floats({1}, {nan})}, {"out.forward.y", floats({1}, {2})}})[0].within);
  EXPECT_FALSE(check({{"in.forward.x", floats({1}, {1})}, {"out.forward.y", floats({1}, {nan})}})[0].within);
  EXPECT_FALSE(
      check({{"in.forward.x", floats({2}, {inf, 1})}, {"out.forward.y", floats({2}, {-inf, 2})}})[0].within);
  EXPECT_TRUE(
      check({{"in.forward.x", floats({2}, {inf, 1})}, {"out.forward.y", floats({2}, {inf, 2})}})[0].within);
}

TEST(ReferenceCheck, LeadingOnesOfShapesDoNotCount) {
  EXPECT_TRUE(
      check({{"in.forward.x", floats({2}, {1, 2})}, {"out.forward.y", floats({1, 1, 2}, {2, 4})}})[0].within);
  const auto other =
      check({{"in.forward.x", floats({2}, {1, 2})}, {"out.forward.y", floats({2, 1}, {2, 4})}});
  EXPECT_FALSE(other[0].within);
  EXPECT_THAT(other[0].fault, HasSubstr("shape [1, 2], the reference [2, 1]"));
}

TEST(ReferenceCheck, GenerateMakesAsManyIdsAsTheReferenceAndAllMustBeEqual) {
  EXPECT_TRUE(
      check({{"in.generate.x", floats({1}, {1})}, {"out.generate.sequences", ids({0, 1, 2})}})[0].within);
  const auto wrong =
      check({{"in.generate.x", floats({1}, {1})}, {"out.generate.sequences", ids({0, 1, 3, 3})}});
  EXPECT_FALSE(wrong[0].within);
  EXPECT_DOUBLE_EQ(wrong[0].error, 0.25);
}

TEST(ReferenceCheck, CasesAreRunApart) {
  const auto results = check({{"in.forward@a.x", floats({1}, {1})},
                              {"out.forward@a.y", floats({1}, {2})},
                              {"in.forward@b.x", floats({1}, {3})},
                              {"out.forward@b.y", floats({1}, {7})}});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].case_name, "a");
  EXPECT_TRUE(results[0].within);
  EXPECT_EQ(results[1].case_name, "b");
  EXPECT_FALSE(results[1].within);
}

TEST(ReferenceCheck, WhatTheModelLacksFails) {
  const auto results = check({{"in.encoder.x", floats({1}, {1})},
                              {"out.encoder.y", floats({1}, {2})},
                              {"in.forward.x", floats({1}, {1})},
                              {"out.forward.z", floats({1}, {2})}});
  ASSERT_EQ(results.size(), 2U);
  EXPECT_THAT(results[0].fault, HasSubstr("no method 'encoder'"));
  EXPECT_THAT(results[1].fault, HasSubstr("no such result"));
  EXPECT_FALSE(results[0].within || results[1].within);
}

TEST(ReferenceCheck, RefusesWhatIsNoReference) {
  for (const char* name : {"weight", "in.x", "in..x", "out.forward.", "in."}) {
    NamedTensors tensors;
    tensors.emplace(name, floats({1}, {1}));
    EXPECT_THROW(check(std::move(tensors)), Error) << name;
  }
  EXPECT_THROW(check({{"in.forward.x", floats({1}, {1})}}), Error);
  EXPECT_THROW(check({{"in.forward.x", floats({1}, {1})}, {"out.forward.y", floats({1}, {2})}},
                     {.only_method = "forwards"}),
               Error);
}

}  // namespace
}  // namespace millrace
