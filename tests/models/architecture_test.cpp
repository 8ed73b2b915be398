#include "models/architecture.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "base/error.h"
#include "models/architecture_library.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

void expect_error(const std::function<void()>& call, const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Architecture, ReadsEveryKey) {
  const auto family = parse_architecture(R"(
name: toy
like: other
model_types: [toy, toy2]
methods: {forward: block}
settings:
  layers: {key: [n, m], default: 4}
  norm: layer
  strides: [1, 2]
  text: "3"
  heads: {size: w, axis: 1}
  kind: {value: k, values: {0: relu}}
  count: {count: "l{i}"}
  none: ~
  depth: {metadata: [x, "{architecture}.y"], default: 3}
  factors: {list: t, default: null}
ignored: [a, b]
required: {c: true}
generation_tokens: {eos_token_id: <end>}
checkpoints:
  safetensors: {separator: /, optional_prefix: m., recognised_by: [w], names: {x: y, z: [u, v]}, settings: {layers: 2}}
  gguf: {architectures: [toy, toys], permuted: {query: h, key: [k, h]}}
)",
                                         "toy.yaml");
  EXPECT_EQ(family.name, "toy");
  EXPECT_EQ(family.like, "other");
  EXPECT_THAT(family.model_types, ElementsAre("toy", "toy2"));
  EXPECT_EQ(family.methods.at("forward"), "block");
  EXPECT_THAT(family.settings.at("layers").keys, ElementsAre("n", "m"));
  EXPECT_EQ(family.settings.at("layers").fallback, 4);
  EXPECT_EQ(family.settings.at("norm").constant, "layer");
  EXPECT_EQ(family.settings.at("strides").constant, nlohmann::json({1, 2}));
  EXPECT_EQ(family.settings.at("text").constant, "3");
  EXPECT_EQ(family.settings.at("heads").size, "w");
  EXPECT_EQ(family.settings.at("heads").axis, 1);
  EXPECT_EQ(family.settings.at("kind").values.at("0"), "relu");
  EXPECT_THAT(family.settings.at("depth").metadata, ElementsAre("x", "{architecture}.y"));
  EXPECT_EQ(family.settings.at("depth").fallback, 3);
  EXPECT_EQ(family.settings.at("factors").list, "t");
  EXPECT_THAT(family.checkpoints.at("gguf").architectures, ElementsAre("toy", "toys"));
  EXPECT_THAT(family.checkpoints.at("gguf").permuted->at("key"), ElementsAre("k", "h"));
  EXPECT_EQ(family.settings.at("count").count, "l{i}");
  EXPECT_TRUE(family.settings.at("none").constant.is_null());
  EXPECT_TRUE(family.ignored.contains("b"));
  EXPECT_EQ(family.required.at("c"), true);
  EXPECT_EQ(family.generation_tokens.at("eos_token_id"), "<end>");
  const auto& layout = family.checkpoints.at("safetensors");
  EXPECT_EQ(layout.separator, "/");
  EXPECT_EQ(layout.optional_prefix, "m.");
  EXPECT_THAT(layout.names.at("x"), ElementsAre("y"));
  EXPECT_THAT(layout.names.at("z"), ElementsAre("u", "v"));
  EXPECT_EQ(layout.settings.at("layers").constant, 2);
}

TEST(Architecture, SaysWhereItIsWrong) {
  const auto parse = [](const char* yaml) { return [yaml] { parse_architecture(yaml, "toy.yaml"); }; };
  expect_error(parse("name: a\nsetings: {}\n"),
               "toy.yaml:2:10: the key 'setings' is not known (did you mean 'settings'?)");
  expect_error(parse("name: a\nname: b\n"), "toy.yaml:2:1: 'name' is given twice");
  expect_error(parse("like: a\n"), "'name' is missing");
  expect_error(parse("name: [a\n"), "toy.yaml:");
  expect_error(parse("- a\n"), "a map was expected");
  expect_error(parse("name: a\nsettings:\n  n: {default: 3}\n"),
               "toy.yaml:3:6: one of 'key', 'metadata', 'value', 'size', 'count' and 'list' is needed");
  expect_error(parse("name: a\nsettings:\n  n: {size: w, axis: x}\n"), "an integer was expected");
}

TEST(ArchitectureLibrary, AFamilyIsLikeAnotherButForWhatItSays) {
  ArchitectureLibrary library;
  library.add(
      parse_architecture("{name: a, methods: {m: b}, settings: {x: 1, y: 2}, ignored: [k], checkpoints: {f: "
                         "{names: {p: q, r: s}}}}",
                         "a"));
  library.add(
      parse_architecture("{name: c, like: a, model_types: [c], settings: {y: 3}, ignored: [l], checkpoints: "
                         "{f: {names: {p: z}}}}",
                         "c"));
  const auto family = library.of_model_type("c", "config.json");
  EXPECT_EQ(family.methods.at("m"), "b");
  EXPECT_EQ(family.settings.at("x").constant, 1);
  EXPECT_EQ(family.settings.at("y").constant, 3);
  EXPECT_TRUE(family.ignored.contains("k") && family.ignored.contains("l"));
  EXPECT_THAT(family.checkpoints.at("f").names.at("p"), ElementsAre("z"));
  EXPECT_THAT(family.checkpoints.at("f").names.at("r"), ElementsAre("s"));
}

TEST(ArchitectureLibrary, PrefersAFamilyThatNamesTheBackbone) {
  ArchitectureLibrary library;
  library.add(parse_architecture("{name: any, model_types: [head]}", "any"));
  library.add(parse_architecture("{name: special, model_types: [head/deep]}", "special"));
  EXPECT_EQ(library.of_model_type("head/deep", "config.json").name, "special");
  EXPECT_EQ(library.of_model_type("head/flat", "config.json").name, "any");
  EXPECT_EQ(library.of_model_type("head", "config.json").name, "any");
}

TEST(ArchitectureLibrary, NamesWhatItDoesNotKnow) {
  ArchitectureLibrary library;
  library.add(parse_architecture("{name: a, like: b, model_types: [a]}", "a"));
  expect_error([&] { library.of_model_type("a", "config.json"); }, "is like 'b', which is not known");
  library.add(parse_architecture("{name: b, like: a}", "b"));
  expect_error([&] { library.of_model_type("a", "config.json"); }, "is like itself");
  expect_error(
      [&] { load_architectures().of_model_type("wisper", "config.json"); },
      "config.json: no architecture file describes the model_type 'wisper' (did you mean 'whisper'?)");
}

TEST(ArchitectureLibrary, AddsTheUsersFolder) {
  const auto folder = std::filesystem::temp_directory_path() / ("architectures_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "mine.yaml") << "{name: mine, like: whisper, model_types: [mine]}";
  setenv("MILLRACE_ARCHITECTURES", folder.c_str(), 1);
  const auto family = load_architectures().of_model_type("mine", "config.json");
  unsetenv("MILLRACE_ARCHITECTURES");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(family.methods.at("encoder"), "audio_encoder");
}

}  // namespace
}  // namespace millrace
