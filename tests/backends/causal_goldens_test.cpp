#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "kernels/dispatch.h"

namespace millrace {
namespace {

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/causal";

// Every folder beside the script that made them.
std::vector<std::string> goldens() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden))
    if (std::filesystem::exists(entry.path() / "reference.safetensors"))
      names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

// Tiny decoder-only language models, one or more of each family.
class CausalGolden : public testing::TestWithParam<std::string> {};

TEST_P(CausalGolden, AgreesWithTransformersOnEveryInstructionSet) {
  const auto best = std::string(kernels::active_isa());
  const auto folder = kGolden / GetParam();
  const auto cases = read_reference((folder / "reference.safetensors").string());
  for (const auto& isa : kernels::available_isas()) {
    kernels::select_isa(isa);
    const auto model = load_model(folder.string());
    size_t results = 0;
    verify(*model.methods, cases, {}, [&](const VerifiedResult& result) {
      ++results;
      EXPECT_TRUE(result.passed) << isa << ' ' << result.method << '@' << result.case_name << '.'
                                 << result.result << ": " << result.why;
    });
    EXPECT_GE(results, 6u);
  }
  kernels::select_isa(best);
}

INSTANTIATE_TEST_SUITE_P(Families, CausalGolden, testing::ValuesIn(goldens()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace millrace
