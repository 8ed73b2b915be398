#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "backends/loaded_model.h"
#include "backends/verify.h"
#include "kernels/dispatch.h"

namespace millrace {
namespace {

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden";

// Every folder beside the scripts that made them.
std::vector<std::string> goldens() {
  std::vector<std::string> names;
  for (const std::string kind : {"causal", "vision", "vision_language", "audio_language"})
    for (const auto& entry : std::filesystem::directory_iterator(kGolden / kind))
      if (std::filesystem::exists(entry.path() / "reference.safetensors"))
        names.push_back(kind + "/" + entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

// Tiny models, one or more of each family: decoder-only language models, models of pictures, and
// language models that read pictures or hear sounds.
class TinyGolden : public testing::TestWithParam<std::string> {};

TEST_P(TinyGolden, AgreesWithTransformersOnEveryInstructionSet) {
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
    EXPECT_GE(results, GetParam().starts_with("causal") ? 6u : 1u);
  }
  kernels::select_isa(best);
}

INSTANTIATE_TEST_SUITE_P(Families, TinyGolden, testing::ValuesIn(goldens()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '/', '_');
  return name;
});

}  // namespace
}  // namespace millrace
