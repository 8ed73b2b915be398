#include "base/reader.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

TEST(Reader, ReadsLittleEndianValuesAtAnyAddress) {
  Reader reader(bytes_of({"\1\2\0\0\0\0\0\x80\x3f"
                          "ab",
                          11}),
                "x");
  EXPECT_EQ(reader.read<uint8_t>("a byte"), 1);
  EXPECT_EQ(reader.read<uint32_t>("a number"), 2u);
  EXPECT_EQ(reader.read<float>("a number"), 1.0f);
  EXPECT_EQ(reader.take_text(2, "a text"), "ab");
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_TRUE(reader.take(0, "nothing").empty());
}

TEST(Reader, SaysWhatRunsPastTheEnd) {
  Reader reader(bytes_of("abcdef"), "file", ErrorKind::input);
  reader.take(3, "the head");
  try {
    reader.read<uint32_t>("the length");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    EXPECT_STREQ(
        error.what(),
        "file @ byte 3: the length needs 4 bytes, but only 3 are left; the file is cut short or damaged");
  }
  EXPECT_EQ(reader.position(), 3u);  // and nothing was taken
  EXPECT_THROW(reader.take(UINT64_MAX, "too much"), Error);
}

}  // namespace
}  // namespace millrace
