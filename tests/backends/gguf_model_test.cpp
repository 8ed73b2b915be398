#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "base/error.h"
#include "base/json_file.h"
#include "kernels/dispatch.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

const std::string kFolder = MILLRACE_SOURCE_DIR "/tests/golden/models", kGolden = kFolder + "/gguf_";

// The names of all folders gguf_NAME.
std::vector<std::string> families() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder))
    if (const auto name = entry.path().filename().string(); entry.is_directory() && name.starts_with("gguf_"))
      names.push_back(name.substr(5));
  std::ranges::sort(names);
  return names;
}

std::vector<VerifiedResult> results_of(const std::string& family, const LoadOptions& options,
                                       double tolerance) {
  const auto model = load_model(kGolden + family, options);
  std::vector<VerifiedResult> results;
  verify(*model.methods, read_reference(kGolden + family + "/reference.safetensors"),
         {.tolerance = tolerance, .method = {}},
         [&](const VerifiedResult& result) { results.push_back(result); });
  return results;
}

class GgufFamily : public testing::TestWithParam<std::string> {};

TEST_P(GgufFamily, InFloat32IsWhatTransformersReads) {
  const auto results = results_of(GetParam(), {.weights = kernels::WeightType::float32}, 1e-4);
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(results[0].passed) << results[0].why;
}

// Only the activations are rounded, to 8 bits, which random weights make more of than trained ones, most of
// all where a router then picks another expert.
TEST_P(GgufFamily, QuantisedAsItIsMostPositionsComeNear) {
  const auto cases = read_reference(kGolden + GetParam() + "/reference.safetensors");
  const Tensor& expected = cases.at(0).results.at("logits");
  const Tensor logits =
      load_model(kGolden + GetParam()).methods->run("forward", cases[0].arguments).at("logits");
  ASSERT_EQ(logits.count(), expected.count());
  const auto vocabulary = static_cast<size_t>(expected.shape().back());
  const auto is = logits.values<float>(), should = expected.values<float>();
  float largest = 0;
  for (const float logit : should) largest = std::max(largest, std::abs(logit));
  std::vector<float> errors(is.size() / vocabulary);  // of the positions
  for (size_t i = 0; i < is.size(); ++i)
    errors[i / vocabulary] = std::max(errors[i / vocabulary], std::abs(is[i] - should[i]) / largest);
  std::ranges::sort(errors);
  EXPECT_LT(errors[errors.size() / 2], 0.08);
}

INSTANTIATE_TEST_SUITE_P(Golden, GgufFamily, testing::ValuesIn(families()),
                         [](const auto& info) { return info.param; });

TEST(GgufModel, ATensorThatNobodyReadsIsRefused) {
  std::string bytes = read_text(kGolden + "qwen3/model.gguf", ErrorKind::model, 1 << 20);
  const std::string_view name = "blk.1.attn_q_norm.weight";
  bytes.replace(bytes.find(name), name.size(), "blk.1.attn_x_norm.weight");
  const TemporaryFolder folder;
  folder.write("model.gguf", bytes);
  try {
    load_model(folder.path().string());
    FAIL() << "a norm of queries was left out";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("1 tensors are not understood for 'qwen3' models"));
    EXPECT_THAT(error.what(), testing::HasSubstr("blk.1.attn_x_norm.weight"));
  }
}

TEST(GgufModel, QuantisedAsItIsItComesNearOnEveryInstructionSet) {
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
