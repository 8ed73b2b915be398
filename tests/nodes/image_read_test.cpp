#include "nodes/image_read.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/node_runner.h"
#include "tests/preprocess/test_films.h"
#include "tests/temporary_folder.h"

namespace millrace {
namespace {

std::vector<ImageRead::Out> read(const std::string& path, double every = 0) {
  Resources resources;
  return run_node(ImageRead({.every = every}, resources), {{.path = make_ref(path)}});
}

TEST(ImageRead, GivesAPictureWithoutATime) {
  const auto out = read(MILLRACE_SOURCE_DIR "/samples/coffee.png");
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].image.height, 400);
  EXPECT_EQ(out[0].image.width, 600);
  EXPECT_FALSE(out[0].image.seconds.has_value());
  EXPECT_TRUE(std::isnan(Packet::of(out[0].image).seconds()));
}

TEST(ImageRead, GivesTheImagesOfAFilm) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "film.avi";
  write_film(path, 9, 4);
  EXPECT_EQ(read(path.string()).size(), 9u);
  const auto out = read(path.string(), 1);
  ASSERT_EQ(out.size(), 3u);
  EXPECT_NEAR(Packet::of(out[2].image).seconds(), 2, 1e-3);
}

TEST(ImageRead, RefusesWhatIsNeither) {
  EXPECT_THROW(read(MILLRACE_SOURCE_DIR "/README.md"), Error);
  EXPECT_THROW(read("no/such/file"), Error);
}

}  // namespace
}  // namespace millrace
