#include "models/config.h"

#include <gmock/gmock.h>

#include <fstream>

#include "base/error.h"
#include "models/architecture_library.h"
#include "models/weights.h"
#include "tests/temporary_folder.h"

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
  return {values, "config.json", {}};
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

// What published Whispers' config.json have beside the sizes.
TEST(Config, TakesRealOnes) {
  const nlohmann::json openai = {{"_name_or_path", "openai/whisper-large-v3"},
                                 {"activation_dropout", 0.0},
                                 {"activation_function", "gelu"},
                                 {"apply_spec_augment", false},
                                 {"architectures", {"WhisperForConditionalGeneration"}},
                                 {"attention_dropout", 0.0},
                                 {"begin_suppress_tokens", {220, 50257}},
                                 {"bos_token_id", 50257},
                                 {"classifier_proj_size", 256},
                                 {"decoder_attention_heads", 20},
                                 {"decoder_ffn_dim", 5120},
                                 {"decoder_layerdrop", 0.0},
                                 {"decoder_layers", 32},
                                 {"decoder_start_token_id", 50258},
                                 {"dropout", 0.0},
                                 {"encoder_attention_heads", 20},
                                 {"encoder_ffn_dim", 5120},
                                 {"encoder_layerdrop", 0.0},
                                 {"encoder_layers", 32},
                                 {"eos_token_id", 50257},
                                 {"forced_decoder_ids", {{1, 50259}, {2, 50359}, {3, 50363}}},
                                 {"init_std", 0.02},
                                 {"is_encoder_decoder", true},
                                 {"mask_feature_length", 10},
                                 {"mask_feature_min_masks", 0},
                                 {"mask_feature_prob", 0.0},
                                 {"mask_time_length", 10},
                                 {"mask_time_min_masks", 2},
                                 {"mask_time_prob", 0.05},
                                 {"max_length", 448},
                                 {"max_source_positions", 1500},
                                 {"max_target_positions", 448},
                                 {"median_filter_width", 7},
                                 {"num_hidden_layers", 32},
                                 {"num_mel_bins", 128},
                                 {"pad_token_id", 50256},
                                 {"scale_embedding", false},
                                 {"suppress_tokens", {1, 2, 7, 50361, 50362}},
                                 {"torch_dtype", "float16"},
                                 {"transformers_version", "4.36.0.dev0"},
                                 {"use_cache", true},
                                 {"use_weighted_layer_sum", false},
                                 {"vocab_size", 51866}};
  const nlohmann::json differences = nlohmann::json::parse(R"([
    {},
    {"dtype": "float32", "torch_dtype": null, "tie_word_embeddings": true, "transformers_version": "5.23.0"},
    {"decoder_layers": 2, "_name_or_path": "./distil-large-v3-init", "forced_decoder_ids": null,
     "suppress_tokens": [], "begin_suppress_tokens": null, "gradient_checkpointing": true},
    {"apply_spec_augment": true, "dropout": 0.1, "attention_dropout": 0.1, "use_cache": false,
     "mask_feature_prob": 0.1, "encoder_layerdrop": 0.05, "language": "hi", "task": "transcribe"},
    {"alignment_heads": [[7, 0], [10, 17]], "is_multilingual": true, "lang_to_id": {"<|en|>": 50259},
     "task_to_id": {"transcribe": 50360}, "no_timestamps_token_id": 50364, "prev_sot_token_id": 50362,
     "max_initial_timestamp_index": 50, "return_timestamps": false, "median_filter_length": 7},
    {"_attn_implementation_autoset": true, "_attn_implementation_internal": "sdpa", "_commit_hash": "1ab2",
     "_flash_attn_2_enabled": true},
    {"pruned_heads": {}, "torchscript": false, "finetuning_task": null, "id2label": {"0": "LABEL_0"},
     "label2id": {"LABEL_0": 0}, "is_decoder": false, "add_cross_attention": false, "use_bfloat16": false,
     "tie_encoder_decoder": false, "output_attentions": false, "return_dict": true, "temperature": 1.0,
     "top_k": 50, "top_p": 1.0, "typical_p": 1.0, "repetition_penalty": 1.0, "length_penalty": 1.0,
     "num_beams": 1, "num_beam_groups": 1, "num_return_sequences": 1, "chunk_size_feed_forward": 0,
     "diversity_penalty": 0.0, "encoder_no_repeat_ngram_size": 0, "no_repeat_ngram_size": 0,
     "min_length": 0, "tf_legacy_loss": false, "sep_token_id": null, "suppress_tokens": null},
    {"optimum_version": "1.12.0", "unsloth_version": "2025.6.1", "auto_map": {"AutoModel": "m.Model"}}
  ])");
  for (const auto& some : differences) {
    auto values = openai;
    values.update(some);
    try {
      const auto settings = resolve(values);
      EXPECT_EQ(settings.at("encoder").size("heads"), 20);
      EXPECT_EQ(settings.at("text_decoder").count("layers"), values["decoder_layers"]);
    } catch (const Error& error) {
      ADD_FAILURE() << some << ": " << error.what();
    }
  }
}

TEST(Config, SaysInWhichLineAKeyIs) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "config.json";
  const auto resolve_text = [&](const std::string& text) {
    std::ofstream(path) << text;
    return resolve_settings(load_architectures().of_model_type("whisper", ""), read_config(folder.path()),
                            FakeCheckpoint({}));
  };
  expect_error(
      [&] { resolve_text("{\n \"model_type\": \"whisper\",\n \"quantization_config\": {\"bits\": 4}}"); },
      path.string() + ":3:2: the key 'quantization_config' = {\"bits\":4} is not understood");
  expect_error(
      [&] { resolve_text("{\"model_type\": \"whisper\",\n\"d_model\": -4}").at("encoder").size("width"); },
      path.string() + ":2:1: 'd_model': a whole number from 1");
  expect_error([&] { resolve_text("{\"model_type\": \"whisper\",\n\n  \"is_encoder_decoder\": false}"); },
               path.string() + ":3:3: 'is_encoder_decoder' is false");
}

Settings resolve_clip(const std::string& text) {
  const TemporaryFolder folder;
  folder.write("config.json", text);
  return resolve_settings(load_architectures().of_model_type("clip", ""), read_config(folder.path()),
                          FakeCheckpoint({}));
}

TEST(Config, ConfigsInsideAreReadAsConfigs) {
  const auto settings = resolve_clip(
      R"({"model_type": "clip", "text_config": {"hidden_size": 48, "dtype": "float32", "_name_or_path": "", "tie_word_embeddings": true}})");
  EXPECT_EQ(settings.at("forward.text").size("width"), 48);
  EXPECT_EQ(settings.at("forward.image").size("width"), 768);
  expect_error([] { resolve_clip(R"({"model_type": "clip", "text_config": {"rope_theta": 3}})"); },
               "'text_config.rope_theta' = 3 is not understood");
  expect_error(
      [] {
        resolve_clip(
            R"({"model_type": "clip", "dtype": {"text_config.dtype": 3}, "x_config": {"dtype": 1}})");
      },
      "'x_config' = {\"dtype\":1} is not understood");
}

TEST(Config, OlderNamesOfConfigsInsideReplaceThem) {
  const auto settings = resolve_clip(
      R"({"model_type": "clip", "vision_config_dict": null, "vision_config": {"hidden_size": 36},
          "text_config": {"hidden_size": 48, "eos_token_id": 2}, "text_config_dict": {"num_hidden_layers": 3}})");
  EXPECT_EQ(settings.at("forward.image").size("width"), 36);
  EXPECT_EQ(settings.at("forward.text").size("layers"), 3);
  EXPECT_EQ(settings.at("forward.text").size("width"), 512);  // the class's own
  EXPECT_EQ(settings.at("forward.text").text("pooling"), "end_token");
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
    return resolve_settings(family, ModelConfig{std::move(values), "config.json", {}}, FakeCheckpoint({}))
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

TEST(Config, RepeatsListsAsOftenAsTheySay) {
  const auto family = parse_architecture(
      "{name: a, settings: {types: {key: t, repeated: true, values: {global: full, local: sliding}}}}",
      "a.yaml");
  const auto resolve_with = [&](const nlohmann::json& types) {
    return resolve_settings(family, ModelConfig{{{"t", types}}, "config.json", {}}, FakeCheckpoint({}));
  };
  EXPECT_THAT(resolve_with({{{"global", "local"}, 2}, {{"local"}, 1}}).texts("types"),
              ElementsAre("full", "sliding", "full", "sliding", "sliding"));
  expect_error([&] { resolve_with({"global", "local"}); }, "lists with how often they repeat were expected");
  expect_error([&] { resolve_with({{{"global"}, 1'000'000}}); }, "lists with how often they repeat");
  expect_error([&] { resolve_with({{{"other"}, 1}}); }, "is not supported");
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
  layout.names = {{"l.{i}.e.{j}", {"a"}}};
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

TEST(Weights, GoByTheFirstNameThatTheFileHas) {
  CheckpointLayout layout;
  layout.names = {{"l.{i}", {"h.{i}"}}, {"norm", {"ln_a", "ln_b"}}};
  layout.optional_prefix = "m.";
  const auto named = [&](const std::string& there, const std::string& path) {
    auto checkpoint =
        std::make_shared<FakeCheckpoint>(std::map<std::string, Tensor>{{there, Tensor(DType::float32, {1})}});
    return Weights(checkpoint, layout, {}).file_name(path);
  };
  EXPECT_EQ(named("h.3.ln_b.weight", "l.3.norm.weight"), "h.3.ln_b.weight");
  EXPECT_EQ(named("h.3.ln_a.weight", "l.3.norm.weight"), "h.3.ln_a.weight");
  EXPECT_EQ(named("ln_b.weight", "m.norm.weight"), "ln_b.weight");
  EXPECT_EQ(named("other", "l.3.norm.weight"), "h.3.ln_a.weight");
}

TEST(Weights, AreReadOneByOneOutOfAStack) {
  const std::array<float, 6> values = {1, 2, 3, 4, 5, 6};
  auto checkpoint = std::make_shared<FakeCheckpoint>(
      std::map<std::string, Tensor>{{"e.up", Tensor::from<float>({3, 1, 2}, values)},
                                    {"e.bias", Tensor::from<float>({2}, std::span(values).first(2))}});
  const auto weights = std::make_shared<const Weights>(checkpoint, CheckpointLayout(), LoadOptions{});
  const WeightScope scope = WeightScope(weights, "e").stacked(1);
  EXPECT_THAT(scope.get_float("up", {1, 2}).values<float>(), ElementsAre(3, 4));
  EXPECT_THAT(scope.get_float("bias", {2}).values<float>(), ElementsAre(1, 2));
  expect_error([&] { WeightScope(weights, "e").stacked(3).get("up", {1, 2}); }, "has shape [3, 1, 2]");
  expect_error([&] { WeightScope(weights, "e").get("up", {1, 2}); }, "has shape [3, 1, 2]");
}

TEST(Weights, AreTheSameWhereTypeShapeAndValuesAre) {
  const auto floats = [](float value) { return Tensor::from<float>({2, 1}, std::array{1.0f, value}); };
  const auto checkpoint = std::make_shared<FakeCheckpoint>(std::map<std::string, Tensor>{
      {"a", floats(2)}, {"b", floats(2)}, {"other", floats(3)}, {"turned", floats(2).reshaped({1, 2})}});
  const WeightScope scope(std::make_shared<const Weights>(checkpoint, CheckpointLayout{}, LoadOptions{}), "");
  EXPECT_TRUE(scope.same("a", "a"));
  EXPECT_TRUE(scope.same("a", "b"));
  EXPECT_FALSE(scope.same("a", "other"));
  EXPECT_FALSE(scope.same("a", "turned"));
}

}  // namespace
}  // namespace millrace
