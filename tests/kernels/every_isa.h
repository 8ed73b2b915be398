#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

namespace millrace::kernels {

// A test that runs once under each instruction set that this machine has.
class EveryIsa : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    before_ = active_isa();
    select_isa(GetParam());
  }
  void TearDown() override { select_isa(before_); }

 private:
  std::string before_;
};

#define MILLRACE_EVERY_ISA(Suite)                                                                \
  INSTANTIATE_TEST_SUITE_P(Isa, Suite, testing::ValuesIn(::millrace::kernels::available_isas()), \
                           [](const auto& info) { return info.param; })

inline std::vector<float> random_floats(size_t count, unsigned seed, float low = -1, float high = 1) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(count);
  for (float& value : values) value = uniform(generator);
  return values;
}

}  // namespace millrace::kernels
