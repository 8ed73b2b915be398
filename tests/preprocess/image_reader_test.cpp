#include "preprocess/image_reader.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "models/safetensors.h"
#include "preprocess/picture_header.h"
#include "tests/models/damage.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::filesystem::path kGolden = MILLRACE_SOURCE_DIR "/tests/golden/preprocess";

std::vector<std::string> pictures() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden / "pictures"))
    names.push_back(entry.path().filename().string());
  std::ranges::sort(names);
  return names;
}

std::string contents(const std::string& name) {
  std::ifstream file(kGolden / "pictures" / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Image decoded(const std::string& bytes) { return decode_image(std::as_bytes(std::span(bytes)), "x.jpg"); }

std::string error_of(const std::string& bytes) {
  try {
    decoded(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    return error.what();
  }
  return "";
}

class Picture : public testing::TestWithParam<std::string> {};

TEST_P(Picture, IsWhatPillowReads) {
  const auto golden = open_checkpoint(kGolden / "pictures.safetensors");
  const Tensor expected = golden->get(GetParam());
  const Image image = read_image((kGolden / "pictures" / GetParam()).string());
  ASSERT_EQ(image.height, expected.dim(0));
  ASSERT_EQ(image.width, expected.dim(1));
  for (size_t i = 0; i < image.pixels.size(); ++i)
    ASSERT_EQ(image.pixels[i], expected.data<uint8_t>()[i]) << "value " << i;
}

TEST_P(Picture, SaysItsSizeBeforeItIsDecoded) {
  const std::string bytes = contents(GetParam());
  const auto header = read_picture_header(std::as_bytes(std::span(bytes)));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->height, 13);
  EXPECT_EQ(header->width, 17);
}

// What is left of a picture is no picture; what was turned over is one or an error.
TEST_P(Picture, IsRefusedWhereItIsCutShort) {
  const std::string whole = contents(GetParam());
  // Behind the pixels the others may have marks of their end, and filling.
  const size_t rest =
      GetParam() == "moving.gif" ? whole.size() / 2 : 4;  // of a film, the first picture alone
  const bool to_the_end = GetParam().ends_with(".png") || GetParam().ends_with(".jpg");
  testing::internal::CaptureStderr();
  for (size_t size = 0; size + (to_the_end ? 0 : rest) < whole.size(); ++size)
    EXPECT_NE(error_of(whole.substr(0, size)), "")
        << size << " of " << whole.size() << " bytes were taken for the whole";
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    error_of(damaged);
  }
  // The libraries print nothing of their own.
  std::istringstream printed(testing::internal::GetCapturedStderr());
  for (std::string line; std::getline(printed, line);) EXPECT_THAT(line, HasSubstr("x.jpg: "));
}

INSTANTIATE_TEST_SUITE_P(Formats, Picture, testing::ValuesIn(pictures()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

// A picture of 64 KiB with a scan for each few bytes would take minutes.
TEST(ImageReader, RefusesMoreScansThanAnyoneNeeds) {
  const std::string whole = contents("progressive.jpg");
  const size_t last_scan = whole.rfind("\xff\xda");
  ASSERT_NE(last_scan, std::string::npos);
  std::string scans = whole.substr(0, last_scan);
  for (int i = 0; i < 200; ++i) scans += whole.substr(last_scan, whole.size() - 2 - last_scan);
  EXPECT_THAT(error_of(scans + "\xff\xd9"), HasSubstr("damaged JPEG file: it has more than 100 scans"));
}

// The words of libjpeg are for people who read logs, not for the terminal.
TEST(ImageReader, PrintsNothingOfItsOwn) {
  std::string damaged = contents("baseline.jpg");
  for (size_t i = damaged.size() - 200; i < damaged.size() - 2; ++i) damaged[i] = 'x';
  testing::internal::CaptureStderr();
  error_of(damaged);
  const std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(printed.empty() || printed.find("x.jpg: ") != std::string::npos) << printed;
}

// A size that nobody has memory for, in each format.
TEST(ImageReader, RefusesBombs) {
  const auto error_with = [](const std::string& name, size_t at, const std::string& size) {
    std::string bytes = contents(name);
    return error_of(bytes.replace(at, size.size(), size));
  };
  EXPECT_THAT(error_with("plain.bmp", 18, std::string("\0\0\1\0\0\0\1\0", 8)), HasSubstr("at most"));
  EXPECT_THAT(error_with("plain.gif", 6, "\xff\xff\xff\xff"), HasSubstr("at most"));
  EXPECT_THAT(error_with("turned.webp", 24, "\xff\xff\xff\xff\xff\xff"), HasSubstr("at most"));
}

TEST(ImageReader, SaysWhatIsNoPicture) {
  EXPECT_THAT(error_of(""), HasSubstr("x.jpg: is empty"));
  EXPECT_THAT(error_of("hello"), HasSubstr("is no picture that can be read"));
  std::string bomb = contents("plain.png");
  bomb.replace(16, 8, std::string("\0\1\0\0\0\1\0\0", 8));
  EXPECT_THAT(error_of(bomb), HasSubstr("65536 x 65536 pixels; at most"));
  EXPECT_THAT(error_of(contents("plain.png").substr(0, 60)), HasSubstr("damaged PNG file: it is cut short"));
  EXPECT_THAT(error_of(contents("baseline.jpg").substr(0, 500)),
              HasSubstr("damaged JPEG file: it is cut short"));
}

}  // namespace
}  // namespace millrace
