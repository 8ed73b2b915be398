#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/error.h"
#include "base/json_file.h"
#include "kernels/quantised_block.h"
#include "models/architecture_library.h"
#include "models/config.h"
#include "models/gguf_checkpoint.h"
#include "models/weights.h"
#include "tests/base/gguf_bytes.h"
#include "tests/models/damage.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/models";

template <class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "";
}

// Bit for bit.
TEST(Gguf, ValuesAreTheReferences) {
  const auto checkpoint = open_checkpoint(kGolden / "ggml_types.gguf");
  const auto expected = open_checkpoint(kGolden / "ggml_types.safetensors");
  EXPECT_EQ(checkpoint->format(), "gguf");
  ASSERT_EQ(checkpoint->names(), expected->names());
  for (const std::string& name : expected->names()) {
    EXPECT_EQ(checkpoint->info(name).type, name);
    const Tensor is = checkpoint->get(name).to_float32(), should = expected->get(name);
    ASSERT_EQ(is.shape(), should.shape()) << name;
    EXPECT_EQ(std::memcmp(is.bytes().data(), should.bytes().data(), is.bytes().size()), 0) << name;
  }
}

TEST(Gguf, GivesTheBlocksOfWhatTheKernelsTake) {
  const auto checkpoint = open_checkpoint(kGolden / "ggml_types.gguf");
  const auto blocks = checkpoint->quantised("Q6_K");
  ASSERT_TRUE(blocks);
  EXPECT_EQ(blocks->type, kernels::WeightType::q6_k);
  EXPECT_EQ(blocks->shape, (Shape{2, 512}));
  EXPECT_EQ(blocks->blocks.data(), checkpoint->info("Q6_K").data);
  EXPECT_EQ(blocks->blocks.size(), 4 * 210u);
  EXPECT_FALSE(checkpoint->quantised("F16"));
}

TEST(Gguf, MetadataIsText) {
  const TemporaryFolder folder;
  const auto array = [](GgufValueType type, const std::vector<std::string>& elements) {
    return gguf_array(type, elements);
  };
  const GgufBytes file{
      .keys = {gguf_key("general.architecture", "llama"), gguf_key("llama.block_count", 30u),
               gguf_key("epsilon", 1e-5f), gguf_key("yes", GgufValueType::boolean, "\1"),
               gguf_key("sections", GgufValueType::array,
                        array(GgufValueType::int32, {gguf_raw(16), gguf_raw(24)})),
               gguf_key("half", GgufValueType::array, array(GgufValueType::float32, {gguf_raw(0.1f)})),
               gguf_key("words", GgufValueType::array, array(GgufValueType::string, {gguf_string("a\"")})),
               gguf_key("tokens", GgufValueType::array,
                        array(GgufValueType::uint8, std::vector<std::string>(2000, "x")))}};
  const auto checkpoint = open_checkpoint(folder.write("x.gguf", file.bytes()));
  const std::map<std::string, std::string> expected = {
      {"general.architecture", "llama"}, {"llama.block_count", "30"}, {"epsilon", "1e-05"},   {"yes", "true"},
      {"sections", "[16,24]"},           {"half", "[0.1]"},           {"words", R"(["a\""])"}};
  EXPECT_EQ(checkpoint->metadata(), expected);
  EXPECT_EQ(*find_metadata(*checkpoint, "{architecture}.block_count"), "30");
  EXPECT_EQ(find_metadata(*checkpoint, "{architecture}.other"), nullptr);
}

TEST(Gguf, TypesThatNoKernelHasAreNamed) {
  const TemporaryFolder folder;
  const GgufBytes file{.tensors = {{.name = "a", .dimensions = {256}, .type = GgmlType::IQ2_XXS},
                                   {.name = "b", .dimensions = {1}, .type = static_cast<GgmlType>(99)}},
                       .data = std::string(66, '\1')};
  const auto checkpoint = open_checkpoint(folder.write("x.gguf", file.bytes()));
  EXPECT_THAT(error_of([&] { checkpoint->get("a"); }), HasSubstr("'a' is of type IQ2_XXS"));
  EXPECT_THAT(error_of([&] { checkpoint->get("b"); }), HasSubstr("'b' is of type number 99"));
  EXPECT_THAT(error_of([&] { checkpoint->get("c"); }), HasSubstr("has no tensor 'c'"));
}

GgufBytes shard(const std::string& tensor, uint32_t number, uint32_t total = 2) {
  return {.keys = {gguf_key("split.no", number), gguf_key("split.count", total),
                   gguf_key("split.tensors.count", 2u)},
          .tensors = {{.name = tensor, .dimensions = {2}}},
          .data = std::string(8, '\0')};
}

TEST(Gguf, FilesOfOneModelAreJoined) {
  const TemporaryFolder folder;
  const auto first = folder.write("m-00001-of-00002.gguf", shard("a", 0).bytes());
  EXPECT_THAT(error_of([&] { open_checkpoint(folder.path()); }),
              HasSubstr("'m-00002-of-00002.gguf' is not there"));
  const auto second = folder.write("m-00002-of-00002.gguf", shard("b", 1).bytes());
  folder.write("mmproj-m.gguf", "");
  for (const auto& path : {folder.path(), first, second})
    EXPECT_THAT(open_checkpoint(path)->names(), ElementsAre("a", "b"));
  folder.write("m-00002-of-00002.gguf", shard("a", 1).bytes());
  EXPECT_THAT(error_of([&] { open_checkpoint(first); }), HasSubstr("'a' is in another of the 2 files"));
  folder.write("m-00002-of-00002.gguf", shard("b", 0).bytes());
  EXPECT_THAT(error_of([&] { open_checkpoint(first); }), HasSubstr("'split.no': 1 was expected, not 0"));
  const auto renamed = folder.write("n.gguf", shard("a", 0).bytes());
  EXPECT_THAT(error_of([&] { open_checkpoint(renamed); }), HasSubstr("-00001-of-00002.gguf"));
}

TEST(Gguf, OneOfSeveralModelsMustBeNamed) {
  const TemporaryFolder folder;
  EXPECT_THAT(error_of([&] { open_checkpoint(folder.path()); }), HasSubstr("nor a GGUF or .pth file"));
  folder.write("a.gguf", GgufBytes{}.bytes());
  EXPECT_EQ(open_checkpoint(folder.path())->format(), "gguf");
  folder.write("b.gguf", GgufBytes{}.bytes());
  EXPECT_THAT(error_of([&] { open_checkpoint(folder.path()); }),
              HasSubstr("name one of them: a.gguf, b.gguf"));
}

// Two heads of four rows: llama.cpp has rows 0 2 1 3 of each.
TEST(Gguf, PermutedRowsArePutBack) {
  const TemporaryFolder folder;
  std::string blocks, floats;
  for (int row = 0; row < 8; ++row) {
    blocks += gguf_raw<uint16_t>(0x3c00) + std::string(16, static_cast<char>(row + 8));  // 1 · (row + 8 - 8)
    floats += gguf_raw(static_cast<float>(row));
  }
  const GgufBytes file{.keys = {gguf_key("general.architecture", "llama"), gguf_key("llama.heads", 2u)},
                       .tensors = {{.name = "q.weight", .dimensions = {32, 8}, .type = GgmlType::Q4_0},
                                   {.name = "q.bias", .dimensions = {8}, .offset = 160},
                                   {.name = "v.bias", .dimensions = {8}, .offset = 192}},
                       .data = blocks + std::string(16, '\0') + floats + floats};
  const std::shared_ptr<const Checkpoint> checkpoint = open_checkpoint(folder.write("x.gguf", file.bytes()));
  CheckpointLayout layout;
  layout.names = {{"query", {"q"}}, {"value", {"v"}}};
  layout.permuted.emplace();
  (*layout.permuted)["query"] = {"{architecture}.absent", "{architecture}.heads"};
  const auto weights = std::make_shared<const Weights>(checkpoint, layout, LoadOptions{});
  const WeightScope scope(weights, "");
  EXPECT_THAT(scope.at("query").get_float("bias", {8}).values<float>(), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(scope.at("value").get_float("bias", {8}).values<float>(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  const Tensor floats_of_query = scope.at("query").get_float("weight", {8, 32});
  const auto quantised = scope.at("query").quantised("weight", {8, 32});
  ASSERT_TRUE(quantised);
  std::vector<float> values(8 * 32);
  kernels::dequantise(quantised->type, quantised->blocks, values.data());
  for (size_t row = 0; row < 8; ++row) {
    constexpr float kRows[] = {0, 2, 1, 3, 4, 6, 5, 7};
    EXPECT_EQ(values[row * 32], kRows[row]);
    EXPECT_EQ(floats_of_query.data<float>()[row * 32], kRows[row]);
  }
  EXPECT_THAT(weights->unread(), testing::IsEmpty());

  const Weights repacked(checkpoint, layout, LoadOptions{.weights = kernels::WeightType::int8});
  EXPECT_FALSE(repacked.quantised("query.weight"));
}

TEST(Gguf, SettingsComeFromMetadataAndTensors) {
  const TemporaryFolder folder;
  const GgufBytes file{.keys = {gguf_key("general.architecture", "toys"), gguf_key("toys.depth", 7u),
                                gguf_key("toys.kind", "linear"), gguf_key("toys.epsilon", 1e-5f)},
                       .tensors = {{.name = "f", .dimensions = {2}}},
                       .data = gguf_raw(0.5f) + gguf_raw(4.f)};
  const auto checkpoint = open_checkpoint(folder.write("x.gguf", file.bytes()));
  ArchitectureLibrary library;
  library.add(parse_architecture(R"(
name: toy
settings:
  depth: {metadata: [absent, "{architecture}.depth"]}
  kind: {metadata: "{architecture}.kind", values: {linear: straight}}
  epsilon: {metadata: "{architecture}.epsilon"}
  width: {metadata: "{architecture}.width", default: 5}
  factors: {list: f}
  others: {list: g, default: null}
checkpoints:
  gguf: {architectures: [toys]}
)",
                                 "toy.yaml"));
  const Architecture family = library.of_checkpoint(*checkpoint);
  const Settings settings = resolve_settings(family, std::nullopt, *checkpoint);
  EXPECT_EQ(settings.size("depth"), 7);
  EXPECT_EQ(settings.text("kind"), "straight");
  EXPECT_EQ(settings.real("epsilon"), 1e-5);
  EXPECT_EQ(settings.size("width"), 5);
  EXPECT_THAT(settings.reals("factors"), ElementsAre(0.5, 4));
  EXPECT_FALSE(settings.has("others"));

  const GgufBytes other{.keys = {gguf_key("general.architecture", "toy2")}};
  const auto unknown = open_checkpoint(folder.write("y.gguf", other.bytes()));
  EXPECT_THAT(error_of([&] { library.of_checkpoint(*unknown); }),
              HasSubstr("architecture 'toy2' (did you mean 'toys'?)"));
}

// What resolve_settings says to a file with these keys, of which a toy architecture understands some.
std::string verdict(std::vector<std::string> keys) {
  const TemporaryFolder folder;
  keys.push_back(gguf_key("general.architecture", "toys"));
  const GgufBytes file{.keys = std::move(keys), .tensors = {}, .data = {}};
  const auto checkpoint = open_checkpoint(folder.write("x.gguf", file.bytes()));
  const auto family = parse_architecture(R"(
name: toy
checkpoints:
  gguf:
    settings:
      heads: {metadata: "{architecture}.heads", uniform: true, default: null}
      window: {metadata: "{architecture}.window", default: null}
      scale: {metadata: "{architecture}.depth", values: {46: 144}, otherwise: null, default: null}
    ignored: ["{architecture}.vocab_size"]
    required: {"{architecture}.causal": true, "{architecture}.gate": 1}
)",
                                         "toy.yaml");
  std::string told;
  const std::string error = error_of([&] {
    const Settings settings = resolve_settings(family, std::nullopt, *checkpoint);
    for (const char* name : {"heads", "window", "scale"})
      if (settings.has(name)) told += fmt::format("{} {} ", name, settings.size(name));
  });
  return error.empty() ? told : error;
}

TEST(Gguf, MetadataThatIsNotUnderstoodIsRefused) {
  EXPECT_EQ(
      verdict({gguf_key("toys.window", 4u), gguf_key("toys.vocab_size", 9u), gguf_key("other.depth", 3u)}),
      "window 4 ");
  EXPECT_EQ(verdict({gguf_key("toys.unheard_of", 0u)}), "");  // as good as not there
  EXPECT_THAT(
      verdict({gguf_key("toys.windows", 3u)}),
      HasSubstr("'toys.windows' = 3 is not understood for 'toy' models (did you mean 'toys.window'?)"));
  EXPECT_THAT(verdict({gguf_key("toys.causal", GgufValueType::boolean, std::string(1, '\0'))}),
              HasSubstr("'toys.causal' is false, but only true is supported"));
  EXPECT_THAT(verdict({gguf_key("toys.gate", 2u)}), HasSubstr("only 1 is supported"));
  EXPECT_EQ(verdict({gguf_key("toys.gate", 1u)}), "");
}

TEST(Gguf, ZeroIsNoneWhereThereIsADefault) { EXPECT_EQ(verdict({gguf_key("toys.window", 0u)}), ""); }

TEST(Gguf, OtherValuesMayHaveAValueToo) {
  EXPECT_EQ(verdict({gguf_key("toys.depth", 46u)}), "scale 144 ");
  EXPECT_EQ(verdict({gguf_key("toys.depth", 45u)}), "");
}

TEST(Gguf, ListsOfLayersMayBeUniform) {
  const auto heads = [](std::initializer_list<int> layers) {
    std::vector<std::string> elements;
    for (const int count : layers) elements.push_back(gguf_raw(count));
    return gguf_key("toys.heads", GgufValueType::array, gguf_array(GgufValueType::int32, elements));
  };
  EXPECT_EQ(verdict({heads({0, 2, 2, 0})}), "heads 2 ");
  EXPECT_THAT(verdict({heads({2, 3})}), HasSubstr("layers that differ, 2 and 3"));
  EXPECT_THAT(verdict({heads({0, 0})}), HasSubstr("no value for any layer"));
}

TEST(Gguf, IsRefusedAtEveryByte) {
  std::string whole = read_text(kGolden / "ggml_types.gguf", ErrorKind::model, 1 << 20);
  whole.resize(whole.find_last_not_of('\0') + 1);  // nobody misses the padding after the last tensor
  expect_damage_is_refused(whole, 1500, ErrorKind::model, [](const std::string& bytes) {
    const auto checkpoint = read_gguf(MappedFile::in_memory("x.gguf", std::as_bytes(std::span(bytes))));
    for (const std::string& name : checkpoint->names()) checkpoint->get(name);
  });
}

}  // namespace
}  // namespace millrace
