#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/json_file.h"
#include "models/ctranslate2_checkpoint.h"
#include "models/safetensors.h"
#include "tests/models/damage.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/models";

std::string bytes_of(const std::filesystem::path& file) { return read_text(file, ErrorKind::model, 1 << 20); }

class EveryQuantization : public testing::TestWithParam<const char*> {};

// Reading is exact but for the quantised, where the quotient may be rounded otherwise than numpy does.
TEST_P(EveryQuantization, EqualsWhatCTranslate2Meant) {
  const std::string name = GetParam();
  const auto checkpoint = open_checkpoint(kGolden / (name + ".ct2.bin"));
  const auto expected = open_checkpoint(kGolden / (name + ".ct2.safetensors"));
  EXPECT_EQ(checkpoint->format(), "ctranslate2");
  EXPECT_EQ(checkpoint->metadata().at("spec"), "TinySpec");
  EXPECT_EQ(checkpoint->metadata().at("revision"), "3");
  for (const std::string& tensor : expected->names()) {
    const Tensor is = checkpoint->get(tensor).to_float32(), should = expected->get(tensor);
    ASSERT_EQ(is.shape(), should.shape()) << tensor;
    for (int64_t i = 0; i < is.count(); ++i) {
      const float want = should.data<float>()[i];
      EXPECT_NEAR(is.data<float>()[i], want, std::fabs(want) * 1e-7) << tensor << " at " << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Ctranslate2, EveryQuantization,
                         testing::Values("float32", "float16", "bfloat16", "int8", "int8_float16", "int16"),
                         [](const auto& info) { return info.param; });

TEST(Ctranslate2, GivesAnAliasTheScalesOfItsVariable) {
  const auto checkpoint = open_checkpoint(kGolden / "int8.ct2.bin");
  EXPECT_EQ(checkpoint->info("projection/weight").type, "int8");
  EXPECT_EQ(checkpoint->get("projection/weight").dtype(), DType::float32);
  EXPECT_TRUE(checkpoint->has("projection/weight_scale"));
}

TEST(Ctranslate2, IsFoundInAFolder) {
  const TemporaryFolder folder;
  folder.write("model.bin", bytes_of(kGolden / "float32.ct2.bin"));
  EXPECT_EQ(open_checkpoint(folder.path())->format(), "ctranslate2");
}

// A model.bin of one variable, put together field by field.
struct Fields {
  uint32_t version = 6;
  std::string spec = std::string("Spec\0", 5);
  std::string name = std::string("a\0", 2);
  std::vector<uint32_t> dims = {2};
  uint8_t type = 1;
  uint32_t bytes = 2;
  std::string values = "\1\2";
  std::string tail = std::string(4, '\0');
};

template <class T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
std::string text(const std::string& s) { return raw(static_cast<uint16_t>(s.size())) + s; }

std::string file_of(const Fields& f) {
  std::string out = raw(f.version) + text(f.spec) + raw<uint32_t>(1) + raw<uint32_t>(1) + text(f.name);
  out += static_cast<char>(f.dims.size());
  for (const uint32_t dim : f.dims) out += raw(dim);
  return out + static_cast<char>(f.type) + raw(f.bytes) + f.values + f.tail;
}

class Damaged : public testing::Test {
 protected:
  void read(const std::string& bytes) {
    const auto checkpoint =
        read_ctranslate2(MappedFile::in_memory("model.bin", std::as_bytes(std::span(bytes))));
    for (const std::string& name : checkpoint->names()) checkpoint->get(name);
  }
  std::string error_of(const Fields& fields) {
    try {
      read(file_of(fields));
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::model);
      EXPECT_THAT(error.where(), HasSubstr("model.bin"));
      return error.what();
    }
    return "";
  }
};

TEST_F(Damaged, FieldsAreNamed) {
  const std::string one = raw<uint32_t>(1), a("a\0", 2), b("b\0", 2);
  EXPECT_EQ(error_of({}), "");
  EXPECT_THAT(error_of({.version = 7}), HasSubstr("binary version 7; CTranslate2's versions 4 to 6"));
  EXPECT_THAT(error_of({.spec = "Spec"}), HasSubstr("not a text ended by a zero byte"));
  EXPECT_THAT(error_of({.name = std::string("a\0b\0", 4)}), HasSubstr("not a text ended by a zero byte"));
  EXPECT_THAT(error_of({.dims = std::vector<uint32_t>(9, 1)}), HasSubstr("has 9 dimensions; at most 8"));
  EXPECT_THAT(error_of({.dims = std::vector<uint32_t>(4, 0xffffffff)}), HasSubstr("is too large"));
  EXPECT_THAT(error_of({.type = 6}), HasSubstr("unknown type 6"));
  EXPECT_THAT(error_of({.dims = {3}}), HasSubstr("'a' has 2 bytes, but its type int8 and shape [3] need 3"));
  EXPECT_THAT(error_of({.dims = {200}, .bytes = 200}), HasSubstr("the values of 'a' needs 200 bytes"));
  EXPECT_THAT(error_of({.tail = raw<uint32_t>(0) + "x"}), HasSubstr("1 bytes follow the last alias"));
  EXPECT_THAT(error_of({.tail = raw<uint32_t>(200'000)}), HasSubstr("200000 aliases are too many"));
  EXPECT_THAT(error_of({.tail = one + text(b) + text(b)}),
              HasSubstr("'b' is an alias of 'b', which is not there"));
  EXPECT_THAT(error_of({.tail = one + text(a) + text(a)}), HasSubstr("'a' is there twice"));
  EXPECT_EQ(error_of({.tail = one + text(b) + text(a)}), "");
}

TEST_F(Damaged, IsRefusedAtEveryByte) {
  const std::string whole = bytes_of(kGolden / "int8.ct2.bin");
  expect_damage_is_refused(whole, 200, ErrorKind::model, [&](const std::string& bytes) { read(bytes); });
}

}  // namespace
}  // namespace millrace
