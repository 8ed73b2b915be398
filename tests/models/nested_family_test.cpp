#include "models/nested_family.h"

#include <gmock/gmock.h>

#include "base/error.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ArchitectureLibrary library() {
  ArchitectureLibrary result;
  result.add(parse_architecture(R"(
name: inner
model_types: [inner]
methods: {forward: block_of_inner}
settings:
  forward.layers: {key: [depth, n], default: 4}
  forward.filter: cubic
ignored: [noise]
required: {kind: a}
checkpoints: {safetensors: {optional_prefix: in., names: {forward: in, layers: blocks}}}
)",
                                "inner.yaml"));
  result.add(parse_architecture("{name: own, like: inner, settings: {forward.filter: linear}}", "own.yaml"));
  return result;
}

Architecture outer(const std::string& otherwise) {
  return parse_architecture(R"(
name: outer
methods: {forward: block_of_outer}
nested:
  forward.backbone: {config: backbone_config, weights: [back, other.back], families: [inner])" +
                                otherwise + R"(}
settings: {forward.backbone.filter: nearest}
checkpoints: {safetensors: {separator: ., names: {forward: "", layers: tiers}}}
)",
                            "outer.yaml");
}

ModelConfig config(const nlohmann::json& values) {
  return {.values = values, .where = "config.json", .places = {}};
}

void expect_error(const std::string& otherwise, const nlohmann::json& values, const std::string& text) {
  auto family = outer(otherwise);
  try {
    add_nested_families(family, config(values), library());
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(NestedFamily, HasItsKeysInsideTheOthers) {
  auto family = outer("");
  add_nested_families(family, config({{"backbone_config", {{"model_type", "inner"}}}}), library());
  EXPECT_THAT(family.settings.at("forward.backbone.layers").keys,
              ElementsAre("backbone_config.depth", "backbone_config.n"));
  EXPECT_EQ(family.settings.at("forward.backbone.block").constant, "block_of_inner");
  EXPECT_EQ(family.settings.at("forward.backbone.filter").constant, "nearest")
      << "the outer one's counts more";
  EXPECT_TRUE(family.ignored.contains("backbone_config.noise"));
  EXPECT_EQ(family.required.at("backbone_config.kind"), "a");
  const auto& nested = *family.checkpoints.at("safetensors").nested.at("forward.backbone");
  EXPECT_THAT(nested.weights, ElementsAre("back", "other.back"));
  EXPECT_THAT(nested.layout.names.at("layers"), ElementsAre("blocks"));
}

TEST(NestedFamily, OfNoConfigHasTheOuterOnesKeys) {
  for (const auto& values : {nlohmann::json::object(), nlohmann::json{{"backbone_config", nullptr}}}) {
    auto family = outer(", otherwise: own");
    add_nested_families(family, config(values), library());
    EXPECT_THAT(family.settings.at("forward.backbone.layers").keys, ElementsAre("depth", "n"));
    EXPECT_TRUE(family.ignored.contains("noise"));
    EXPECT_THAT(family.checkpoints.at("safetensors").nested.at("forward.backbone")->weights,
                ElementsAre("", "back", "other.back"))
        << "old checkpoints have the keys outside and the names of weights inside";
  }
}

TEST(NestedFamily, ThatMayNotBeThereIsAnErrorThatNamesTheKey) {
  expect_error("", {{"a", 1}}, "has no 'backbone_config'");
  expect_error("", {{"backbone_config", {{"depth", 1}}}}, "has no 'backbone_config.model_type'");
  expect_error("", {{"backbone_config", 3}}, "an object was expected");
  expect_error("", {{"backbone_config", {{"model_type", "outer"}}}},
               "'backbone_config.model_type' is 'outer', which is not supported; there are inner");
  expect_error(", otherwise: nobody", {{"a", 1}}, "no architecture file of the name 'nobody'");
}

TEST(NestedFamily, HasADefaultAndMayBeFixed) {
  auto family = outer(", model_type: inner");
  add_nested_families(family, config({{"backbone_config", {{"depth", 1}}}}), library());
  EXPECT_EQ(family.settings.at("forward.backbone.block").constant, "block_of_inner");
  family = outer(", model_type: inner, fixed: true");
  add_nested_families(family, config({{"backbone_config", {{"model_type", "whatever"}}}}), library());
  EXPECT_EQ(family.settings.at("forward.backbone.block").constant, "block_of_inner");
}

TEST(NestedFamily, GivesItsOnlyMethodWhateverItsName) {
  auto families = library();
  families.add(parse_architecture(R"(
name: writer
model_types: [writer]
methods: {text_decoder: causal}
settings: {text_decoder.layers: {key: depth}}
checkpoints: {safetensors: {names: {text_decoder: model}}}
)",
                                  "writer.yaml"));
  auto family = parse_architecture(R"(
name: outer
methods: {forward: a}
nested: {forward.language: {config: text_config, weights: words}}
checkpoints: {safetensors: {names: {}}}
)",
                                   "outer.yaml");
  add_nested_families(family, config({{"text_config", {{"model_type", "writer"}}}}), families);
  EXPECT_THAT(family.settings.at("forward.language.layers").keys, ElementsAre("text_config.depth"));
  EXPECT_EQ(family.settings.at("forward.language.block").constant, "causal");
  EXPECT_EQ(family.checkpoints.at("safetensors").nested.at("forward.language")->method, "text_decoder");

  families.add(parse_architecture("{name: two, model_types: [two], methods: {a: b, c: d}}", "two.yaml"));
  try {
    auto other = parse_architecture(
        "{name: outer, nested: {forward.language: {config: text_config, weights: words}}}", "outer.yaml");
    add_nested_families(other, config({{"text_config", {{"model_type", "two"}}}}), families);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("has 2 methods"));
  }
}

TEST(NestedFamily, NeedsItsRules) {
  EXPECT_THROW(parse_architecture("{name: a, nested: {part: {config: b}}}", "a.yaml"), Error);
}

}  // namespace
}  // namespace millrace
