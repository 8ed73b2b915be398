#include "backends/loaded_model.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "backends/verify.h"
#include "base/error.h"
#include "base/json_file.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kGolden = MILLRACE_SOURCE_DIR "/tests/golden/speech/";

// A copy of a golden model that a test may change.
class LoadedModelTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              (std::string("loaded_model_") + testing::UnitTest::GetInstance()->current_test_info()->name() +
               std::to_string(getpid()));
    fs::copy(kGolden + "heads_of_12", folder_, fs::copy_options::recursive);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void set(const std::string& key, const nlohmann::json& value) {
    auto config = read_json(folder_ / "config.json", ErrorKind::model, 1 << 20);
    config[key] = value;
    std::ofstream(folder_ / "config.json") << config;
  }

  std::string message() {
    try {
      load_model(folder_.string());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      return error.what();
    }
    return "no error";
  }

  fs::path folder_;
};

std::vector<std::string> method_names(const Model& model) {
  std::vector<std::string> names;
  for (const auto& method : model.methods()) names.push_back(method.name);
  return names;
}

TEST_F(LoadedModelTest, HasItsMethodsAndOptions) {
  const auto model = load_model(folder_.string());
  EXPECT_THAT(method_names(*model.methods),
              ElementsAre("encoder", "text_decoder", "forward", "generate", "preprocess"));
  EXPECT_EQ(model.text_decoder->vocabulary(), 101);
  EXPECT_EQ(model.text_decoder->max_length(), 24);
  EXPECT_EQ(model.text_decoder->layers(), 2);
  EXPECT_EQ(model.text_decoder->heads(), 2);
  EXPECT_EQ(model.tokenizer, nullptr);
  EXPECT_EQ(model.log_mel->chunk_seconds, 1);
  EXPECT_THAT(model.generation.tokens("suppress_tokens"), ElementsAre(4, 5));
}

TEST_F(LoadedModelTest, WithoutPreprocessorTakesTheEncodersBands) {
  const auto model = load_model(kGolden + "heads_of_12_ctranslate2");
  EXPECT_THAT(model.generation.alignment_heads(), ElementsAre(std::pair(1, 0), std::pair(1, 1)));
  fs::remove(folder_ / "preprocessor_config.json");
  const auto bare = load_model(folder_.string());
  EXPECT_EQ(bare.log_mel->bands, 80);
  EXPECT_EQ(bare.log_mel->chunk_seconds, 30);
}

TEST_F(LoadedModelTest, SaysWhatIsWrongAndWhere) {
  EXPECT_THROW(load_model("/no/such/folder"), Error);
  set("d_model", 26);
  EXPECT_THAT(message(), HasSubstr("tensor 'model.encoder."));
  EXPECT_THAT(message(), HasSubstr("configuration needs [21, 26]"));
  set("d_model", 24);
  set("encoder_layers", 4);
  EXPECT_THAT(message(), HasSubstr("model.encoder.layers.3."));
  set("encoder_layers", 3);
  set("decoder_attention_heads", 5);
  EXPECT_THAT(message(), HasSubstr("'decoder_attention_heads': 5 heads do not divide a width of 24"));
  set("decoder_attention_heads", 2);
  set("activation_function", "gelo");
  EXPECT_THAT(message(), HasSubstr("the activation 'gelo' is not supported (did you mean 'gelu'?)"));
  set("activation_function", "gelu");
  set("rotary_pct", 0.5);
  EXPECT_THAT(message(), HasSubstr("the key 'rotary_pct' = 0.5 is not understood"));
  set("rotary_pct", nullptr);
  set("model_type", "whimper");
  EXPECT_THAT(message(), HasSubstr("no architecture file describes the model_type 'whimper'"));
}

TEST_F(LoadedModelTest, AddsAFamilyFromAFolder) {
  set("model_type", "murmur");
  set("encoder_depth", 3);
  set("encoder_layers", nullptr);
  set("murmur_gain", 2);
  fs::create_directory(folder_ / "architectures");
  std::ofstream(folder_ / "architectures/murmur.yaml") << R"(
name: murmur
like: whisper
model_types: [murmur]
settings:
  encoder.layers: {key: encoder_depth}
required: {murmur_gain: 2}
)";
  setenv("MILLRACE_ARCHITECTURES", (folder_ / "architectures").c_str(), 1);
  const auto model = load_model(folder_.string());
  verify(*model.methods, read_reference(folder_ / "reference.safetensors"), {},
         [](const auto& result) { EXPECT_TRUE(result.passed) << result.method << ": " << result.why; });
  set("murmur_gain", 3);
  EXPECT_THAT(message(), HasSubstr("'murmur_gain' is 3, but only 2 is supported"));
  unsetenv("MILLRACE_ARCHITECTURES");
}

TEST_F(LoadedModelTest, RefusesMisshapenArguments) {
  const auto model = load_model(folder_.string());
  const auto message = [&](std::string_view method, const NamedTensors& arguments) -> std::string {
    try {
      model.methods->run(method, arguments);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return error.what();
    }
    return "no error";
  };
  const Tensor states(DType::float32, {1, 21, 24}), ids(DType::int64, {1, 2});
  EXPECT_THAT(message("encoder", {{"input_features", Tensor(DType::float32, {1, 81, 42})}}),
              HasSubstr("float32 [windows, 80 bands, at most 42 frames], but is float32 [1, 81, 42]"));
  EXPECT_THAT(message("encoder", {{"input_features", Tensor(DType::float32, {1, 80, 43})}}),
              HasSubstr("at most 42"));
  EXPECT_THAT(message("text_decoder", {{"decoder_input_ids", Tensor(DType::float32, {1, 2})},
                                       {"encoder_hidden_states", states}}),
              HasSubstr("'decoder_input_ids' should be int64 [B, T]"));
  EXPECT_THAT(message("text_decoder", {{"decoder_input_ids", ids},
                                       {"encoder_hidden_states", Tensor(DType::float32, {2, 21, 24})}}),
              HasSubstr("'encoder_hidden_states' should be float32 [1, positions, width]"));
  EXPECT_THAT(message("text_decoder", {{"decoder_input_ids", Tensor(DType::int64, {1, 25})},
                                       {"encoder_hidden_states", states}}),
              HasSubstr("has 24 positions; 25 were asked for"));
  EXPECT_THAT(
      message("text_decoder", {{"decoder_input_ids", Tensor::from<int64_t>({1, 1}, std::array{int64_t{-7}})},
                               {"encoder_hidden_states", states}}),
      HasSubstr("holds -7, which is no token"));
  EXPECT_THAT(message("text_decoder", {{"decoder_input_ids", ids},
                                       {"decoder_attention_mask", Tensor(DType::int64, {1, 2})},
                                       {"encoder_hidden_states", states}}),
              HasSubstr("masks tokens"));
  const auto ones = Tensor::from<int64_t>({1, 2}, std::array<int64_t, 2>{1, 1});
  EXPECT_EQ(message("text_decoder", {{"decoder_input_ids", ids},
                                     {"decoder_attention_mask", ones},
                                     {"encoder_hidden_states", states}}),
            "no error");
  EXPECT_THAT(message("preprocess", {{"waveform", Tensor(DType::int64, {3})}}),
              HasSubstr("[samples] or [B, samples]"));
}

}  // namespace
}  // namespace millrace
