#include <gmock/gmock.h>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "kernels/dispatch.h"

namespace millrace {
namespace {

const std::string kGolden = MILLRACE_SOURCE_DIR "/tests/golden/models/gguf_";

std::vector<VerifiedResult> results_of(const std::string& family, const LoadOptions& options,
                                       double tolerance) {
  const auto model = load_model(kGolden + family, options);
  std::vector<VerifiedResult> results;
  verify(*model.methods, read_reference(kGolden + family + "/reference.safetensors"),
         {.tolerance = tolerance, .method = {}},
         [&](const VerifiedResult& result) { results.push_back(result); });
  return results;
}

class GgufFamily : public testing::TestWithParam<const char*> {};

TEST_P(GgufFamily, InFloat32IsWhatTransformersReads) {
  const auto results = results_of(GetParam(), {.weights = kernels::WeightType::float32}, 1e-4);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].passed) << results[0].why;
}

INSTANTIATE_TEST_SUITE_P(Golden, GgufFamily,
                         testing::Values("llama", "qwen2", "qwen3", "gemma", "gemma2", "granite", "olmo2",
                                         "starcoder2", "smollm3"),
                         [](const auto& info) { return info.param; });

// Only the activations are rounded, to 8 bits, which random weights make more of than trained ones.
TEST(GgufModel, QuantisedAsItIsItComesNear) {
  const auto best = std::string(kernels::active_isa());
  for (const auto& isa : kernels::available_isas()) {
    kernels::select_isa(isa);
    const auto results = results_of("llama", {}, 0.1);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(results[0].passed) << isa << ": " << results[0].error << " " << results[0].why;
  }
  kernels::select_isa(best);
}

}  // namespace
}  // namespace millrace
