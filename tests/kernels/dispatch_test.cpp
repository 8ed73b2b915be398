#include "kernels/dispatch.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "kernels/kernels.h"

namespace millrace::kernels {
namespace {

TEST(Dispatch, BaselineIsAlwaysThere) {
  const std::vector<std::string> names = available_isas();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "baseline");
  EXPECT_NE(std::find(names.begin(), names.end(), active_isa()), names.end());
}

TEST(Dispatch, SelectsEach) {
  const std::string before(active_isa());
  for (const std::string& name : available_isas()) {
    select_isa(name);
    EXPECT_EQ(active_isa(), name);
  }
  select_isa(before);
}

TEST(Dispatch, UnknownNameIsAUsageError) {
  const std::string before(active_isa());
  try {
    select_isa("basline");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_NE(std::string(error.what()).find("did you mean 'baseline'"), std::string::npos) << error.what();
  }
  EXPECT_EQ(active_isa(), before);
}

// The environment is read once, so this asks in a process of its own.
TEST(DispatchDeathTest, EnvironmentForces) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        setenv("MILLRACE_ISA", "sparc", 1);
        try {
          active_isa();
        } catch (const Error& error) {
          std::fputs(error.what(), stderr);
          std::exit(exit_code(error.kind()));
        }
        std::exit(0);
      },
      testing::ExitedWithCode(2), "MILLRACE_ISA: 'sparc' is no instruction set");
}

// A matrix computes with the instruction set that it was packed for.
TEST(Dispatch, MatricesOutliveASwitch) {
  const std::string before(active_isa());
  const float weights[] = {1, 2, 3, 4, 5, 6}, a[] = {1, 10, 100};
  for (const std::string& packed_with : available_isas()) {
    select_isa(packed_with);
    const PackedMatrix matrix = pack_matrix(Tensor::from<float>({2, 3}, weights), WeightType::float32);
    for (const std::string& used_with : available_isas()) {
      select_isa(used_with);
      float c[2] = {};
      matmul(matrix, {.a = a, .a_stride = 3, .rows = 1, .c = c, .c_stride = 2});
      EXPECT_EQ(c[0], 321);
      EXPECT_EQ(c[1], 654);
    }
  }
  select_isa(before);
}

}  // namespace
}  // namespace millrace::kernels
