#include "preprocess/film_reader.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "base/error.h"
#include "preprocess/promised_film.h"
#include "tests/preprocess/test_files.h"
#include "tests/preprocess/test_films.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

struct Read {
  std::vector<double> times;
  std::vector<int> levels;  // of the middle
  std::string error;
};

Read read_all(const fs::path& path, double every = 0) {
  Read read;
  try {
    FilmReader film(path.string(), every);
    while (const auto image = film.next()) {
      EXPECT_EQ(image->height, 48);
      EXPECT_EQ(image->width, 64);
      read.times.push_back(image->seconds.value());
      read.levels.push_back(image->row(24)[32 * Image::kChannels]);
    }
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::input);
    read.error = error.what();
  }
  return read;
}

class Film : public testing::TestWithParam<const char*> {
 protected:
  fs::path write(int frames, double rate) const {
    const fs::path path = folder_.path() / (std::string("film.") + GetParam());
    write_film(path, frames, rate);
    return path;
  }
  TemporaryFolder folder_;
};

TEST_P(Film, GivesEveryPictureWithItsTime) {
  const fs::path path = write(12, 10);
  const Read read = read_all(path);
  EXPECT_EQ(read.error, "");
  ASSERT_EQ(read.levels.size(), 12u);
  for (int i = 0; i < 12; ++i) {
    EXPECT_NEAR(read.times[static_cast<size_t>(i)], i * 0.1, 2e-3);
    EXPECT_NEAR(read.levels[static_cast<size_t>(i)], film_level(i), 6) << i;
  }
  EXPECT_NEAR(FilmReader(path.string()).seconds().value(), 1.2, 0.06);
  EXPECT_TRUE(FilmReader::is_film(path.string()));
}

TEST_P(Film, IsThinned) {
  const fs::path path = write(25, 10);
  const Read read = read_all(path, 0.5);
  ASSERT_EQ(read.times.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(read.times[static_cast<size_t>(i)], i * 0.5, 2e-3);
    EXPECT_NEAR(read.levels[static_cast<size_t>(i)], film_level(i * 5), 6) << i;
  }
  EXPECT_EQ(read_all(path, 0.01).times.size(), 25u);
  EXPECT_EQ(read_all(path, 100).times.size(), 1u);
}

TEST_P(Film, CutShortEndsWithAnError) {
  const fs::path path = write(30, 10);
  const auto size = fs::file_size(path);
  for (const double part : {0.9, 0.7, 0.4, 0.1, 0.01}) {
    fs::resize_file(path, static_cast<uintmax_t>(part * static_cast<double>(size)));
    const Read read = read_all(path);
    EXPECT_LT(read.times.size(), 31u);
    EXPECT_THAT(read.error, testing::AnyOf(HasSubstr("is cut short"), HasSubstr("is no film"))) << part;
  }
}

TEST_P(Film, DamagedInItsMiddleEndsWithAnError) {
  const fs::path path = write(60, 10);
  std::string bytes = bytes_of(path.string());
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 3), bytes.size() / 3, '\0');
  const Read read = read_all(folder_.write(std::string("damaged.") + GetParam(), bytes));
  EXPECT_GT(read.times.size(), 10u);
  EXPECT_LT(read.times.size(), 50u);
  if (GetParam() == std::string("mkv"))
    EXPECT_GT(read.times.back(), 5.5);  // Matroska goes on behind the damage
  else
    EXPECT_THAT(read.error, HasSubstr("is damaged: its pictures end at"));
}

INSTANTIATE_TEST_SUITE_P(Kinds, Film, testing::Values("avi", "mp4", "mkv"),
                         [](const auto& info) { return std::string(info.param); });

TEST(FilmReader, GivesWhatCameBeforeTheCut) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "film.avi";
  write_film(path, 30, 10);
  fs::resize_file(path, fs::file_size(path) / 2);
  const Read read = read_all(path);
  EXPECT_GT(read.times.size(), 8u);
  EXPECT_LT(read.times.size(), 20u);
  EXPECT_THAT(read.error, HasSubstr("film.avi: is cut short"));
}

TEST(FilmReader, ReadsNothingElse) {
  const TemporaryFolder folder;
  for (const std::string bytes :
       {"", "#EXTM3U\nhttp://127.0.0.1/a.ts\n", "v=0\r\nm=video 1 RTP/AVP 26\r\n", "RIFF\1\0\0\0AVI "}) {
    const auto path = folder.write("film.mp4", bytes);
    EXPECT_THAT(read_all(path).error, HasSubstr("film.mp4")) << bytes;
  }
  EXPECT_FALSE(FilmReader::is_film(sample_file("coffee.png")));
  EXPECT_FALSE(FilmReader::is_film("/dev/null"));
  EXPECT_FALSE(FilmReader::is_film("no/such/file"));
  EXPECT_THROW(FilmReader("no/such/file.avi"), Error);
}

TEST(FilmReader, SaysOfSoundThatItHasNoPictures) {
  const TemporaryFolder folder;
  // An Ogg file that ends behind its first page's mark.
  const auto path = folder.write("sound.ogg", std::string("OggS\0\2\0\0", 8) + std::string(60, '\0'));
  EXPECT_THAT(read_all(path).error, HasSubstr("holds no pictures"));
}

TEST(FilmReader, PrintsNothing) {
  const TemporaryFolder folder;
  const fs::path path = folder.path() / "film.mp4";
  write_film(path, 20, 10);
  std::string bytes = bytes_of(path.string());
  for (size_t i = 200; i + 1500 < bytes.size(); i += 97) bytes[i] = static_cast<char>(i);
  const auto damaged = folder.write("damaged.mp4", bytes);
  const auto headless = folder.write("headless.mp4", bytes.substr(0, bytes.size() / 2));
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  read_all(damaged);
  read_all(headless);
  read_all(path);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST(PromisedFilm, IsKnownFromSizes) {
  const TemporaryFolder folder;
  const auto missing = [&](const std::string& bytes) {
    InputFile file(folder.write("film", bytes).string());
    return missing_film_bytes(file);
  };
  using namespace std::string_literals;
  const std::string type = "\0\0\0\x10"s + "ftypisom0000"s;
  EXPECT_EQ(missing(type), 0);
  EXPECT_EQ(missing(type + "\0\0\0\x20"s + "mdat1234"s), 20);
  EXPECT_EQ(missing(type + "\0\0\0\0"s + "mdat1234"s), 0);  // to the end
  EXPECT_EQ(missing(type + "\0\0\0\1"s + "mdat"s + "\0\0\0\1\0\0\0\0"s), 0x100000000 - 16);
  EXPECT_EQ(missing(type + "\0\0\0\1"s + "mdat"s + std::string(8, '\xff')), 0);  // nonsense
  EXPECT_EQ(missing("RIFF\x0c\0\0\0AVI 12345678"s), 0);
  EXPECT_EQ(missing("RIFF\x0e\0\0\0AVI 12345678"s), 2);
  EXPECT_EQ(missing("RIFF\0\0\0\0AVI 12345678"s), 0);
  const std::string ebml = "\x1a\x45\xdf\xa3\x82xx"s;
  EXPECT_EQ(missing(ebml + "\x18\x53\x80\x67\x84"
                           "abcd"s),
            0);
  EXPECT_EQ(missing(ebml + "\x18\x53\x80\x67\x40\x09"
                           "abcd"s),
            5);
  EXPECT_EQ(missing(ebml + "\x18\x53\x80\x67\xff"
                           "abcd"s),
            0);  // of unknown length
  EXPECT_EQ(missing(""), 0);
  EXPECT_EQ(missing("RIF"), 0);
}

}  // namespace
}  // namespace millrace
