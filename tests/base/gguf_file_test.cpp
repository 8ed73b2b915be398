#include "base/gguf_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/gguf_bytes.h"
#include "tests/models/damage.h"

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Type = GgufValueType;

std::string error_of(const GgufBytes& file) {
  try {
    file.read();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::model);
    EXPECT_THAT(error.where(), HasSubstr("x.gguf @ byte "));
    return error.what();
  }
  return "";
}

template <class Call>
std::string error_in(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

const GgufBytes kEveryType{
    .keys = {gguf_key("u8", Type::uint8, gguf_raw<uint8_t>(200)),
             gguf_key("i8", Type::int8, gguf_raw<int8_t>(-3)),
             gguf_key("u16", Type::uint16, gguf_raw<uint16_t>(60000)),
             gguf_key("i16", Type::int16, gguf_raw<int16_t>(-300)),
             gguf_key("u32", Type::uint32, gguf_raw<uint32_t>(4'000'000'000)),
             gguf_key("i32", Type::int32, gguf_raw<int32_t>(-70000)),
             gguf_key("u64", Type::uint64, gguf_raw<uint64_t>(1ull << 62)),
             gguf_key("huge", Type::uint64, gguf_raw<uint64_t>(1ull << 63)),
             gguf_key("i64", Type::int64, gguf_raw<int64_t>(-(1ll << 40))),
             gguf_key("f32", Type::float32, gguf_raw(1.5f)), gguf_key("f64", Type::float64, gguf_raw(0.1)),
             gguf_key("yes", Type::boolean, gguf_raw<uint8_t>(1)), gguf_key("text", "Zoë"),
             gguf_key("texts", Type::array, gguf_array(Type::string, {gguf_string("a"), gguf_string("")})),
             gguf_key("whole", Type::array, gguf_array(Type::int32, {gguf_raw(1), gguf_raw(-2)})),
             gguf_key("real", Type::array, gguf_array(Type::float32, {gguf_raw(0.5f)})),
             gguf_key("flags", Type::array,
                      gguf_array(Type::boolean, {std::string(1, '\1'), std::string(1, '\0')})),
             gguf_key("none", Type::array, gguf_array(Type::string, {})),
             gguf_key("nested", Type::array,
                      gguf_array(Type::array, {gguf_array(Type::uint8, {"a", "b"}),
                                               gguf_array(Type::string, {gguf_string("c")})}))}};

TEST(GgufFile, ReadsEveryTypeOfValue) {
  const auto file = kEveryType.read();
  EXPECT_EQ(file->version(), 3u);
  EXPECT_EQ(file->integer("u8"), 200);
  EXPECT_EQ(file->integer("i8"), -3);
  EXPECT_EQ(file->integer("u16"), 60000);
  EXPECT_EQ(file->integer("i16"), -300);
  EXPECT_EQ(file->integer("u32"), 4'000'000'000);
  EXPECT_EQ(file->integer("i32"), -70000);
  EXPECT_EQ(file->integer("u64"), 1ll << 62);
  EXPECT_EQ(file->integer("i64"), -(1ll << 40));
  EXPECT_EQ(file->real("f32"), 1.5);
  EXPECT_EQ(file->real("f64"), 0.1);
  EXPECT_EQ(file->real("i8"), -3);
  EXPECT_EQ(file->flag("yes"), true);
  EXPECT_EQ(file->text("text"), "Zoë");
  EXPECT_THAT(file->texts("texts"), ElementsAre("a", ""));
  EXPECT_THAT(file->integers("whole"), ElementsAre(1, -2));
  EXPECT_THAT(file->reals("whole"), ElementsAre(1, -2));
  EXPECT_THAT(file->reals("real"), ElementsAre(0.5));
  EXPECT_THAT(file->flags("flags"), ElementsAre(true, false));
  EXPECT_THAT(file->texts("none"), IsEmpty());
  EXPECT_TRUE(file->has("none"));
  EXPECT_EQ(file->metadata().at("nested").count, 2u);
}

TEST(GgufFile, GivesNothingForAnAbsentKey) {
  const auto file = kEveryType.read();
  EXPECT_FALSE(file->has("absent"));
  EXPECT_EQ(file->integer("absent"), std::nullopt);
  EXPECT_EQ(file->text("absent"), std::nullopt);
  EXPECT_THAT(file->reals("absent"), IsEmpty());
}

TEST(GgufFile, RefusesAValueOfAnotherKind) {
  const auto file = kEveryType.read();
  EXPECT_THAT(error_in([&] { file->integer("f32"); }),
              HasSubstr("a whole number below 2^63 was expected, not float32"));
  EXPECT_THAT(error_in([&] { file->integer("huge"); }), HasSubstr("not uint64"));
  EXPECT_THAT(error_in([&] { file->real("text"); }), HasSubstr("'text': a number was expected, not string"));
  EXPECT_THAT(error_in([&] { file->flag("u8"); }), HasSubstr("a truth value was expected, not uint8"));
  EXPECT_THAT(error_in([&] { file->text("texts"); }),
              HasSubstr("a text was expected, not an array of string"));
  EXPECT_THAT(error_in([&] { file->integers("real"); }),
              HasSubstr("whole numbers below 2^63 was expected, not an array of float32"));
  EXPECT_THAT(error_in([&] { file->texts("whole"); }), HasSubstr("an array of texts was expected"));
  EXPECT_THAT(error_in([&] { file->texts("text"); }),
              HasSubstr("an array of texts was expected, not string"));
  EXPECT_THAT(error_in([&] { file->texts("nested"); }), HasSubstr("not an array of array"));
}

GgufBytes two_tensors() {
  return {.tensors = {{.name = "a", .dimensions = {64, 2}, .type = GgmlType::Q8_0},
                      {.name = "b", .dimensions = {3}, .offset = 160}},
          .data = std::string(172, '\1')};
}

TEST(GgufFile, ListsTensorsWithTheOutermostDimensionFirst) {
  const auto file = two_tensors().read();
  const GgufTensor& a = file->tensors().at("a");
  EXPECT_EQ(a.shape, (Shape{2, 64}));
  EXPECT_EQ(a.block->name, "Q8_0");
  EXPECT_EQ(a.bytes.size(), 4 * 34u);
  EXPECT_EQ(a.offset % 32, 0u);
  EXPECT_EQ(file->tensors().at("b").bytes.data(), a.bytes.data() + 160);
}

TEST(GgufFile, TakesAnAlignmentOfTheFilesOwn) {
  GgufBytes file = two_tensors();
  file.keys = {gguf_key("general.alignment", uint32_t{8})};
  file.alignment = 8;
  file.tensors[1].offset = 136;
  const auto read = file.read();
  EXPECT_EQ(read->tensors().at("b").bytes.data(), read->tensors().at("a").bytes.data() + 136);
}

TEST(GgufFile, ListsATypeItDoesNotKnow) {
  GgufBytes file = two_tensors();
  file.tensors[0].type = static_cast<GgmlType>(4);
  const auto read = file.read();
  EXPECT_FALSE(read->tensors().at("a").block);
  EXPECT_THAT(read->tensors().at("a").bytes, IsEmpty());
}

TEST(GgufFile, DamagedFieldsAreNamed) {
  const auto with = [](auto&& change) {
    GgufBytes file = two_tensors();
    change(file);
    return error_of(file);
  };
  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_THAT(with([](auto& f) { f.magic = "GGJT"; }), HasSubstr("is no GGUF file"));
  EXPECT_THAT(with([](auto& f) { f.version = 1; }), HasSubstr("GGUF version 1; versions 2 and 3 are read"));
  EXPECT_THAT(with([](auto& f) { f.version = 4; }), HasSubstr("GGUF version 4"));
  EXPECT_THAT(with([](auto& f) { f.version = 3u << 24; }), HasSubstr("big-endian"));
  EXPECT_THAT(with([](auto& f) {
                f.keys = {gguf_key("k", 1u), gguf_key("k", 2u)};
              }),
              HasSubstr("the metadata key 'k' is there twice"));
  EXPECT_THAT(with([](auto& f) { f.keys = {gguf_key("k", static_cast<Type>(13), "")}; }),
              HasSubstr("the type of 'k' is the unknown 13"));
  EXPECT_THAT(with([](auto& f) { f.keys = {gguf_key("k", Type::string, gguf_raw(uint64_t{1} << 40))}; }),
              HasSubstr("the value of 'k' would be"));
  EXPECT_THAT(with([](auto& f) {
                f.keys = {gguf_key("k", Type::array, gguf_raw(uint32_t{4}) + gguf_raw(uint64_t{1} << 62))};
              }),
              HasSubstr("4611686018427387904 elements of 'k' would be there"));
  EXPECT_THAT(with([](auto& f) {
                f.keys = {gguf_key("k", Type::array, gguf_raw(uint32_t{10}) + gguf_raw(uint64_t{1000}))};
              }),
              HasSubstr("1000 elements of 'k' do not fit the"));
  EXPECT_THAT(with([](auto& f) {
                std::string array = gguf_array(Type::uint8, {"a"});
                for (int i = 0; i < 5; ++i) array = gguf_array(Type::array, {array});
                f.keys = {gguf_key("k", Type::array, array)};
              }),
              HasSubstr("nested more than 4 deep"));
  EXPECT_THAT(with([](auto& f) { f.keys = {gguf_key("general.alignment", 48u)}; }),
              HasSubstr("'general.alignment' must be a power of two"));
  EXPECT_THAT(with([](auto& f) { f.keys = {gguf_key("general.alignment", "x")}; }),
              HasSubstr("'general.alignment' must be a power of two"));
  EXPECT_THAT(with([](auto& f) { f.tensors[1].name = "a"; }), HasSubstr("the tensor 'a' is there twice"));
  EXPECT_THAT(with([](auto& f) { f.tensors[0].dimensions = std::vector<uint64_t>(9, 1); }),
              HasSubstr("'a' has 9 dimensions; at most 8"));
  EXPECT_THAT(with([](auto& f) { f.tensors[0].dimensions = {uint64_t{1} << 63}; }),
              HasSubstr("'a' has a dimension of 9223372036854775808"));
  EXPECT_THAT(with([](auto& f) {
                f.tensors[0].dimensions = {uint64_t{1} << 40, uint64_t{1} << 40};
              }),
              HasSubstr("too large"));
  EXPECT_THAT(with([](auto& f) { f.tensors[0].dimensions = {48}; }),
              HasSubstr("'a' has rows of 48 values, but Q8_0 comes in blocks of 32"));
  EXPECT_THAT(with([](auto& f) { f.tensors[1].offset = 161; }), HasSubstr("is no multiple of 32"));
  EXPECT_THAT(with([](auto& f) { f.tensors[1].offset = 128; }), HasSubstr("'b' begins before 'a' ends"));
  EXPECT_THAT(with([](auto& f) { f.tensors[1].offset = 192; }),
              HasSubstr("'b' begins at offset 192 of 172 bytes of data"));
  EXPECT_THAT(
      with([](auto& f) { f.tensors[1].dimensions = {4}; }),
      HasSubstr("'b' of type F32 and shape [4] needs 4 blocks of 4 bytes, but only 12 bytes are left"));
}

TEST(GgufFile, IsRefusedAtEveryByte) {
  GgufBytes file = kEveryType;
  file.tensors = two_tensors().tensors;
  file.data = two_tensors().data;
  const std::string whole = file.bytes();
  expect_damage_is_refused(whole, whole.size(), ErrorKind::model, [](const std::string& bytes) {
    GgufFile::read(MappedFile::in_memory("x.gguf", std::as_bytes(std::span(bytes))));
  });
}

}  // namespace
}  // namespace millrace
