#include <gmock/gmock.h>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "kernels/dispatch.h"

namespace millrace {
namespace {

const std::string kFolder = MILLRACE_SOURCE_DIR "/tests/golden/models/gguf_llama";

std::vector<VerifiedResult> results_of(const LoadOptions& options, double tolerance) {
  const auto model = load_model(kFolder, options);
  std::vector<VerifiedResult> results;
  verify(*model.methods, read_reference(kFolder + "/reference.safetensors"),
         {.tolerance = tolerance, .method = {}},
         [&](const VerifiedResult& result) { results.push_back(result); });
  return results;
}

TEST(GgufModel, InFloat32ItIsWhatTransformersReads) {
  const auto results = results_of({.weights = kernels::WeightType::float32}, 1e-4);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].passed) << results[0].why;
}

// Only the activations are rounded, to 8 bits.
TEST(GgufModel, QuantisedAsItIsItComesNear) {
  const auto best = std::string(kernels::active_isa());
  for (const auto& isa : kernels::available_isas()) {
    kernels::select_isa(isa);
    const auto results = results_of({}, 0.03);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_TRUE(results[0].passed) << isa << ": " << results[0].why;
  }
  kernels::select_isa(best);
}

}  // namespace
}  // namespace millrace
