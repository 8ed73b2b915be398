#include "models/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json_file.h"
#include "models/safetensors_header.h"
#include "tests/models/damage.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/models";

// A file of `header` and as many bytes of values.
std::string file_of(std::string_view header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  return file + std::string(header) + std::string(data_bytes, '\1');
}

SafetensorsHeader read(const std::string& file) {
  return read_safetensors_header(std::as_bytes(std::span(file)), "x.safetensors");
}

std::string error_of(const std::string& file) {
  try {
    read(file);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    return error.what();
  }
  return "";
}

TEST(Safetensors, ReadsEveryTypeThatTheReferenceLibraryWrote) {
  const auto checkpoint = open_checkpoint(kGolden / "all_types.safetensors");
  EXPECT_EQ(checkpoint->format(), "safetensors");
  EXPECT_EQ(checkpoint->metadata().at("author"), "Zoë");
  for (const char* name : {"float32", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64"}) {
    const Tensor tensor = checkpoint->get(name);
    EXPECT_EQ(name_of(tensor.dtype()), name);
    EXPECT_EQ(tensor.shape(), (Shape{2, 3}));
    EXPECT_THAT(tensor.to_float32().values<float>(), testing::ElementsAre(0, 1, 2, 3, 4, 5)) << name;
  }
  EXPECT_THAT(checkpoint->get("boolean").to_float32().values<float>(), testing::ElementsAre(1, 0, 1));
  EXPECT_THAT(checkpoint->get("scalar").values<float>(), testing::ElementsAre(2.5f));
  EXPECT_EQ(checkpoint->get("empty").shape(), (Shape{0, 4}));
  EXPECT_TRUE(checkpoint->has("名前 \"quoted\""));
}

TEST(Safetensors, RefusesATypeItHasNotOnlyWhenAskedForIt) {
  const auto checkpoint = open_checkpoint(kGolden / "all_types.safetensors");
  EXPECT_EQ(checkpoint->info("float64").type, "F64");
  EXPECT_EQ(checkpoint->info("float8").bytes, 6u);
  try {
    checkpoint->get("float64");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.what(), HasSubstr("tensor 'float64' is of type F64"));
  }
}

TEST(Safetensors, NamesTheNearestTensor) {
  const auto checkpoint = open_checkpoint(kGolden / "all_types.safetensors");
  try {
    checkpoint->get("flaot16");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("has no tensor 'flaot16' (did you mean 'float16'?)"));
  }
}

TEST(Safetensors, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "model.safetensors";
  const NamedTensors tensors = {
      {"a", Tensor::from<int8_t>({3}, std::vector<int8_t>{1, 2, 3})},
      {"b", Tensor::from<float>({1, 2}, std::vector<float>{0.5f, -1})},
      {"c \"\n", Tensor::from<int64_t>({}, std::vector<int64_t>{7})},
      {"nothing", Tensor(DType::float32, {0})},
  };
  write_safetensors(file, tensors, {{"k", "v"}});
  for (const auto& checkpoint : {open_checkpoint(file), open_checkpoint(folder.path())}) {
    EXPECT_THAT(checkpoint->names(), testing::ElementsAre("a", "b", "c \"\n", "nothing"));
    EXPECT_THAT(checkpoint->get("a").values<int8_t>(), testing::ElementsAre(1, 2, 3));
    EXPECT_THAT(checkpoint->get("b").values<float>(), testing::ElementsAre(0.5f, -1));
    EXPECT_THAT(checkpoint->get("c \"\n").values<int64_t>(), testing::ElementsAre(7));
    EXPECT_EQ(checkpoint->metadata().at("k"), "v");
  }
}

TEST(Safetensors, CopiesATensorThatBeginsOddly) {
  const TemporaryFolder folder;
  const auto file =
      folder.write("x.safetensors", file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                            R"("b":{"dtype":"I32","shape":[1],"data_offsets":[1,5]}})",
                                            5));
  const Tensor tensor = open_checkpoint(file)->get("b");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data<int32_t>()) % 4, 0u);
  EXPECT_EQ(tensor.data<int32_t>()[0], 0x01010101);
}

TEST(Safetensors, RefusesWhatTheFormatForbids) {
  const auto entry = [](std::string_view rest) { return fmt::format(R"({{"a":{{{}}}}})", rest); };
  const struct {
    std::string header;
    size_t data_bytes;
    std::string message;
  } cases[] = {
      {"", 0, "does not begin with '{'"},
      {"[]", 0, "does not begin with '{'"},
      {"{", 0, "no valid JSON"},
      {"{} x", 0, "no valid JSON"},
      {R"({"a":1})", 0, "a number where none may stand (at tensor 'a')"},
      {R"({"a":[1]})", 0, "a list where none may stand"},
      {R"({"a":{}})", 0, "no 'dtype' for tensor 'a'"},
      {entry(R"("dtype":"F32","shape":[1])"), 4, "no 'data_offsets' for tensor 'a'"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1)"), 4, "unknown key 'more'"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4],"shape":[1])"), 4, "the key 'shape' twice"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0])"), 4, "1 numbers instead of two"},
      {entry(R"("dtype":"F32","shape":[[1]],"data_offsets":[0,4])"), 4, "a list where none"},
      {entry(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])"), 4, "a negative number"},
      {entry(R"("dtype":"F32","shape":[1.5],"data_offsets":[0,4])"), 4, "a fraction"},
      {entry(R"("dtype":"F32","shape":[1e3],"data_offsets":[0,4])"), 4, "a fraction"},
      {entry(R"("dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4])"), 4, "too large"},
      {entry(R"("dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4])"), 4, "is too large"},
      {entry(R"("dtype":"F32","shape":[500000000000000000],"data_offsets":[0,0])"), 0, "need"},
      {entry(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4])"), 4, "more than 8 numbers"},
      {entry(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])"), 4, "its type F32 and shape [2] need 8"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), 5, "1 bytes follow the last tensor"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), 3, "is cut short or damaged"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[1,5])"), 5, "not where the one before it ends"},
      {entry(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])"), 4, "before it begins"},
      {R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
       3, "not where the one before it ends"},
      {R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
       1, "the name 'a' twice"},
      {R"({"__metadata__":{"a":1}})", 0, "a number where none may stand"},
      {R"({"__metadata__":{"a":"b","a":"b"}})", 0, "the metadata 'a' twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", 0, "the name '__metadata__' twice"},
      {"{\"\xff\":1}", 0, "no valid JSON"},
  };
  for (const auto& [header, data_bytes, message] : cases) {
    const std::string error = error_of(file_of(header, data_bytes));
    EXPECT_THAT(error, HasSubstr(message)) << header;
    EXPECT_THAT(error, HasSubstr("x.safetensors @ byte ")) << header;
  }
  EXPECT_THAT(error_of(std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8)),
              HasSubstr("at most 104857600 are read"));
  EXPECT_THAT(error_of(file_of("{" + std::string(1 << 20, '['), 0)), HasSubstr("no valid JSON"));
}

TEST(Safetensors, TakesPaddingAndAnEmptyFile) {
  EXPECT_TRUE(read(file_of("{}      ", 0)).entries.empty());
  EXPECT_EQ(
      read(file_of(R"({"a":{"dtype":"NEW","shape":[9],"data_offsets":[0,3]}})", 3)).entries.at("a").type,
      "NEW");
}

TEST(Safetensors, RefusesEveryDamage) {
  const std::string whole =
      file_of(R"({"__metadata__":{"k":"é"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
              R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[8,12]}})",
              12);
  EXPECT_EQ(read(whole).entries.size(), 2u);
  expect_damage_is_refused(whole, whole.size(), ErrorKind::model,
                           [](const std::string& bytes) { read(bytes); });
}

class Shards : public testing::Test {
 protected:
  void SetUp() override {
    write_safetensors(folder.path() / "model-1.safetensors",
                      {{"a", Tensor::from<float>({1}, std::vector<float>{1})}});
    write_safetensors(folder.path() / "model-2.safetensors",
                      {{"b", Tensor::from<float>({1}, std::vector<float>{2})}});
  }
  std::string error_with(std::string_view index) {
    folder.write("model.safetensors.index.json", index);
    try {
      open_checkpoint(folder.path());
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      return error.what();
    }
    return "";
  }
  TemporaryFolder folder;
};

TEST_F(Shards, AreReadAsOne) {
  folder.write(
      "model.safetensors.index.json",
      R"({"metadata":{"total_size":8},"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors"}})");
  const auto checkpoint = open_checkpoint(folder.path());
  EXPECT_EQ(checkpoint->get("a").data<float>()[0], 1);
  EXPECT_EQ(checkpoint->get("b").data<float>()[0], 2);
  EXPECT_EQ(checkpoint->source(), folder.path().string());
}

TEST_F(Shards, AreChecked) {
  EXPECT_THAT(error_with("{}"), HasSubstr("has no 'weight_map'"));
  EXPECT_THAT(error_with(R"({"weight_map":[]})"), HasSubstr("has no 'weight_map'"));
  EXPECT_THAT(error_with(R"({"weight_map":{"a":3}})"), HasSubstr("gives 3 as the file of tensor 'a'"));
  EXPECT_THAT(error_with(R"({"weight_map":{"a":"../x.safetensors"}})"), HasSubstr("in the same folder"));
  EXPECT_THAT(error_with(R"({"weight_map":{"a":".."}})"), HasSubstr("in the same folder"));
  EXPECT_THAT(error_with(R"({"weight_map":{"a":"model-3.safetensors"}})"),
              HasSubstr("the download is incomplete"));
  EXPECT_THAT(error_with(R"({"weight_map":{"c":"model-1.safetensors"}})"),
              HasSubstr("holds the tensor 'c', which it does not"));
  EXPECT_THAT(
      error_with(
          R"({"weight_map":{"a":"model-1.safetensors","b":"model-1.safetensors","x":"model-2.safetensors"}})"),
      HasSubstr("which it does not"));
  EXPECT_THAT(error_with("{"), HasSubstr("index.json:1:2"));
}

}  // namespace
}  // namespace millrace
