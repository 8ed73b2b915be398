#include "base/base64.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Base64, DecodesThePaddedForm) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("AP+/"), std::string("\x00\xFF\xBF", 3));
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zg=a", "====", "Zm9v\n", "Z m9", "Zm9-"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

TEST(Base64, EncodesWhatItDecodes) {
  for (const char* text : {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYmE=", "AP+/"})
    EXPECT_EQ(encode_base64(*decode_base64(text)), text);
}

}  // namespace
}  // namespace millrace
