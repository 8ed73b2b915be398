#include "models/low_rank_adapter.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "tests/models/memory_checkpoint.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A safetensors file of float32 tensors.
std::string file_of(const std::map<std::string, std::pair<Shape, std::vector<float>>>& tensors) {
  nlohmann::json header;
  std::string data;
  for (const auto& [name, tensor] : tensors) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.second.data()), tensor.second.size() * sizeof(float));
    header[name] = {{"dtype", "F32"}, {"shape", tensor.first}, {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + data;
}

const std::string kModule = "base_model.model.model.words.layers.0.query";

std::map<std::string, std::pair<Shape, std::vector<float>>> factors() {
  return {{kModule + ".lora_A.weight", {{1, 3}, {1, 2, 3}}}, {kModule + ".lora_B.weight", {{2, 1}, {1, -1}}}};
}

// Weights of 10 with the adapter; the names inside differ by what wraps the model.
std::shared_ptr<const Checkpoint> adapted(
    const nlohmann::json& config,
    const std::map<std::string, std::pair<Shape, std::vector<float>>>& tensors) {
  static MemoryCheckpoint base;
  base.add("words.model.layers.0.query.weight", Tensor::from<float>({2, 3}, std::vector<float>(6, 10)));
  base.add("words.model.layers.0.key.weight", Tensor::from<float>({2, 3}, std::vector<float>(6, 20)));
  const TemporaryFolder folder;
  folder.write("adapter_config.json", config.dump());
  folder.write("adapter_model.safetensors", file_of(tensors));
  return with_adapter(std::make_shared<const MemoryCheckpoint>(base), folder.path());
}

TEST(LowRankAdapter, AddsItsProduct) {
  const auto checkpoint = adapted({{"peft_type", "LORA"}, {"lora_alpha", 0.5}, {"r", 1}}, factors());
  EXPECT_THAT(checkpoint->get("words.model.layers.0.query.weight").values<float>(),
              ElementsAre(10.5, 11, 11.5, 9.5, 9, 8.5));
  EXPECT_THAT(checkpoint->get("words.model.layers.0.key.weight").values<float>(), testing::Each(20));
  EXPECT_THAT(checkpoint->names(), testing::SizeIs(2));
}

TEST(LowRankAdapter, IsNoneWhereTheFolderHasNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(with_adapter(std::make_shared<const MemoryCheckpoint>(), folder.path()), nullptr);
}

void expect_error(const nlohmann::json& config,
                  const std::map<std::string, std::pair<Shape, std::vector<float>>>& tensors,
                  const char* text) {
  try {
    adapted(config, tensors)->get("words.model.layers.0.query.weight");
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(LowRankAdapter, RefusesWhatItDoesNotCompute) {
  expect_error({{"use_dora", true}}, factors(), "use_dora is true");
  expect_error({{"peft_type", "IA3"}}, factors(), "peft_type is \"IA3\"");
  expect_error({{"modules_to_save", {"head"}}}, factors(), "modules_to_save");
  expect_error(nlohmann::json::array(), factors(), "not a JSON object");
}

TEST(LowRankAdapter, RefusesFactorsThatDoNotFit) {
  auto tensors = factors();
  tensors.erase(kModule + ".lora_B.weight");
  expect_error(nlohmann::json::object(), tensors, "one of two factors");
  tensors = factors();
  tensors[kModule + ".lora_B.weight"] = {{3, 1}, {1, 2, 3}};
  expect_error(nlohmann::json::object(), tensors, "do not fit a weight of [2, 3]");
  tensors = factors();
  tensors["base_model.model.other.lora_A.weight"] = {{1, 3}, {1, 2, 3}};
  expect_error(nlohmann::json::object(), tensors, "adapts no weight");
}

}  // namespace
}  // namespace millrace
