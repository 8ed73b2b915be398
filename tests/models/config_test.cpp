#include "models/config.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "models/architecture_library.h"
#include "models/weights.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeCheckpoint : public Checkpoint {
 public:
  explicit FakeCheckpoint(std::map<std::string, Tensor> tensors, std::string format = "safetensors")
      : tensors_(std::move(tensors)), format_(std::move(format)) {}
  const std::string& source() const override { return source_; }
  std::string_view format() const override { return format_; }
  bool has(std::string_view name) const override { return tensors_.contains(std::string(name)); }
  Tensor get(std::string_view name) const override {
    const auto found = tensors_.find(std::string(name));
    if (found == tensors_.end()) fail(ErrorKind::model, "no tensor '{}'", name);
    return found->second;
  }
  TensorInfo info(std::string_view name) const override {
    const Tensor tensor = get(name);
    return {std::string(name_of(tensor.dtype())), tensor.shape(), tensor.bytes().size(),
            tensor.bytes().data()};
  }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : tensors_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
  std::string source_ = "weights", format_;
};

ModelConfig whisper(nlohmann::json changes) {
  nlohmann::json values = {{"model_type", "whisper"}, {"d_model", 24}};
  values.update(changes);
  return {values, "config.json"};
}

Settings resolve(const nlohmann::json& changes) {
  return resolve_settings(load_architectures().of_model_type("whisper", "config.json"), whisper(changes),
                          FakeCheckpoint({}));
}

template <class Call>
void expect_error(Call&& call, const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Config, TakesKeysAndDefaults) {
  const auto settings = resolve({{"encoder_layers", 7},
                                 {"dropout", 0.5},
                                 {"unheard_of", nullptr},
                                 {"other", false},
                                 {"pruned_heads", nlohmann::json::object()}});
  EXPECT_EQ(settings.at("encoder").size("width"), 24);
  EXPECT_EQ(settings.at("encoder").size("layers"), 7);
  EXPECT_EQ(settings.at("text_decoder").size("layers"), 4);
  EXPECT_THAT(settings.at("encoder").sizes("stem_strides"), ElementsAre(1, 2));
  EXPECT_TRUE(settings.at("text_decoder").flag("tied_head", false));
}

TEST(Config, TakesEitherSpelling) {
  EXPECT_EQ(resolve({{"num_hidden_layers", 9}}).at("encoder").size("layers"), 9);
  EXPECT_EQ(resolve({{"num_hidden_layers", 9}, {"encoder_layers", 9}}).at("encoder").size("layers"), 9);
  expect_error(
      [] {
        resolve({{"num_hidden_layers", 9}, {"encoder_layers", 8}});
      },
      "config.json: 'encoder_layers' is 8, but 'num_hidden_layers' is 9");
}

TEST(Config, RefusesWhatItDoesNotUnderstand) {
  expect_error(
      [] {
        resolve({{"encoder_layer", 3}});
      },
      "config.json: the key 'encoder_layer' = 3 is not understood for 'whisper' models (did you mean "
      "'encoder_layers'?)");
  expect_error(
      [] {
        resolve({{"is_encoder_decoder", false}});
      },
      "'is_encoder_decoder' is false, but only true");
  expect_error(
      [] {
        resolve({{"d_model", "wide"}}).at("encoder").size("width");
      },
      "config.json: 'd_model': a whole number was expected, not \"wide\"");
  expect_error(
      [] {
        resolve({{"d_model", -1}}).at("encoder").size("width");
      },
      "a whole number from 1 to 2^31 was expected, not -1");
}

TEST(Config, LooksInsideObjectsThatItKnows) {
  const auto family = parse_architecture(
      "{name: a, settings: {base: {key: [rope.theta, theta], default: 5}}, ignored: [rope.type]}", "a.yaml");
  const auto base = [&](nlohmann::json values) {
    return resolve_settings(family, ModelConfig{std::move(values), "config.json"}, FakeCheckpoint({}))
        .size("base");
  };
  EXPECT_EQ(base({{"rope", {{"theta", 7}, {"type", "x"}}}}), 7);
  EXPECT_EQ(base({{"theta", 8}}), 8);
  EXPECT_EQ(base(nlohmann::json::object()), 5);
  expect_error([&] { base({{"rope", {{"theta", 7}, {"tipe", "x"}}}}); }, "the key 'rope.tipe' = \"x\"");
}

TEST(Config, ReadsSettingsOffTheWeights) {
  const auto family = parse_architecture(R"(
name: a
settings:
  heads: {value: n}
  width: {size: w.0, axis: 1}
  layers: {count: "w.{i}"}
  activation: {value: n, values: {2: relu, 3: gelu}}
  gone: ~
)",
                                         "a.yaml");
  const auto resolve_with = [&](int8_t number) {
    const FakeCheckpoint checkpoint({{"n", Tensor::from<int8_t>({}, std::array{number})},
                                     {"w.0", Tensor(DType::float32, {3, 5})},
                                     {"w.1", Tensor(DType::float32, {3, 5})}});
    return resolve_settings(family, std::nullopt, checkpoint);
  };
  const auto settings = resolve_with(3);
  EXPECT_EQ(settings.size("heads"), 3);
  EXPECT_EQ(settings.size("width"), 5);
  EXPECT_EQ(settings.size("layers"), 2);
  EXPECT_EQ(settings.text("activation"), "gelu");
  EXPECT_FALSE(settings.has("gone"));
  expect_error([&] { resolve_with(7); }, "weights: tensor 'n': 7 is not supported");
}

TEST(Settings, FindsWhatNoBlockAsksFor) {
  const Settings settings({{"encoder.heads", {2, "a"}}, {"encoder.hedas", {2, "a.yaml:3:4"}}});
  settings.at("encoder").size("heads");
  expect_error([&] { settings.check_all_used(); },
               "a.yaml:3:4: the setting 'encoder.hedas' is not known (did you mean 'encoder.heads'?)");
}

TEST(Weights, TranslatesNames) {
  const auto library = load_architectures();
  const auto family = library.of_model_type("whisper", "");
  const auto named = [&](const std::string& format, const std::string& path, bool prefixed = true) {
    auto checkpoint = std::make_shared<FakeCheckpoint>(std::map<std::string, Tensor>{
        {prefixed ? "model.encoder.conv1.weight" : "encoder.conv1.weight", Tensor(DType::float32, {1})}});
    return Weights(checkpoint, family.checkpoints.at(format), {}).file_name(path);
  };
  EXPECT_EQ(named("safetensors", "encoder.stem.0.weight"), "model.encoder.conv1.weight");
  EXPECT_EQ(named("safetensors", "encoder.stem.0.weight", false), "encoder.conv1.weight");
  EXPECT_EQ(named("safetensors", "encoder.layers.12.attention.query.bias"),
            "model.encoder.layers.12.self_attn.q_proj.bias");
  EXPECT_EQ(named("safetensors", "text_decoder.layers.0.cross_attention_norm.weight"),
            "model.decoder.layers.0.encoder_attn_layer_norm.weight");
  EXPECT_EQ(named("safetensors", "text_decoder.head.weight"), "proj_out.weight");
  EXPECT_EQ(named("ctranslate2", "text_decoder.layers.3.feed_forward.up.weight"),
            "decoder/layer_3/ffn/linear_0/weight");
  EXPECT_EQ(named("ctranslate2", "encoder.norm.bias"), "encoder/layer_norm/beta");
}

TEST(Weights, ChecksShapesAndNotesWhatIsRead) {
  auto checkpoint = std::make_shared<FakeCheckpoint>(
      std::map<std::string, Tensor>{{"a.x", Tensor(DType::float32, {2, 3})},
                                    {"a.x_scale", Tensor(DType::float32, {2})},
                                    {"b", Tensor(DType::float32, {1})}});
  CheckpointLayout layout;
  layout.names = {{"l.{i}.e.{j}", "a"}};
  const auto weights = std::make_shared<const Weights>(checkpoint, layout, LoadOptions{});
  const WeightScope scope = WeightScope(weights, "").at("l", 4).at("e", 5);
  EXPECT_TRUE(scope.has("x"));
  EXPECT_FALSE(scope.has("y"));
  EXPECT_EQ(scope.get("x", {2, 3}).count(), 6);
  expect_error(
      [&] {
        scope.get("x", {3, 2});
      },
      "weights: tensor 'a.x': has shape [2, 3], but the model's configuration needs [3, 2]");
  expect_error([&] { scope.get_any("x", 3); }, "3 dimensions were expected");
  EXPECT_THAT(weights->unread(), ElementsAre("b"));
}

}  // namespace
}  // namespace millrace
