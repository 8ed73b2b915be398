#include "preprocess/picture_text.h"

#include <gmock/gmock.h>

#include <array>

#include "base/error.h"

namespace millrace {
namespace {

using testing::HasSubstr;

TEST(PictureText, RepeatsTheTokenInThePlaceOfTheMarker) {
  const PictureTextOptions options{.marker = "[img]", .image = "<i>", .behind_last = "|", .end = "!"};
  const std::array pictures = {PictureText{.tokens = 2}, PictureText{.tokens = 1}};
  EXPECT_EQ(with_pictures("a [img] b [img] c", pictures, options), "a <i><i> b <i>| c!");
  EXPECT_EQ(with_pictures("no picture", {}, options), "no picture");
}

TEST(PictureText, OfPartsTellsTheirPlaces) {
  const PictureTextOptions options{.marker = "@",
                                   .image = "i",
                                   .whole = "<{image}>",
                                   .split = "{parts}:{whole}",
                                   .part = "({row},{column} {image})",
                                   .between = "+",
                                   .line_end = ";"};
  const std::array pictures = {PictureText{.tokens = 2, .rows = 2, .columns = 2}};
  EXPECT_EQ(with_pictures("@", pictures, options), "(1,1 ii)+(1,2 ii);+(2,1 ii)+(2,2 ii);:<ii>");
}

TEST(PictureText, MayDifferForAPictureAloneAndTheWholeOfParts) {
  const PictureTextOptions options{
      .marker = "@", .image = "i", .whole = "w{image}", .alone = "<{image}>", .split = "<{parts}{whole}>"};
  const std::array pictures = {PictureText{.tokens = 2}, PictureText{.tokens = 1, .rows = 1, .columns = 2}};
  EXPECT_EQ(with_pictures("@ @", pictures, options), "<ii> <iiwi>");
}

TEST(PictureText, NeedsAMarkerForEachPicture) {
  const PictureTextOptions options{.marker = "@", .image = "i"};
  const std::array pictures = {PictureText{.tokens = 1}};
  const auto expect_error = [&](std::string_view prompt, const char* text) {
    try {
      with_pictures(prompt, pictures, options);
      ADD_FAILURE() << "no error for " << prompt;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      EXPECT_THAT(error.what(), HasSubstr(text));
    }
  };
  expect_error("@ and @", "more places for pictures, '@', than the 1");
  expect_error("none", "there are 1 pictures, but the text has 0 places");
}

}  // namespace
}  // namespace millrace
