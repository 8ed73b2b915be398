#include "backends/verify.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace millrace
