#include "backends/content_cache.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

struct Sized {
  int64_t size = 0;
  int64_t bytes() const { return size; }
};

std::shared_ptr<const Sized> sized(int64_t bytes) { return std::make_shared<const Sized>(Sized{bytes}); }

TEST(ContentCache, ForgetsWhatWasNotAskedForTheLongest) {
  ContentCache<Sized> cache(100);
  cache.add("a", sized(40));
  cache.add("b", sized(40));
  EXPECT_NE(cache.find("a"), nullptr);
  cache.add("c", sized(40));
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
  EXPECT_NE(cache.find("c"), nullptr);
}

TEST(ContentCache, DoesNotKeepWhatIsLargerThanItself) {
  ContentCache<Sized> cache(100);
  cache.add("a", sized(40));
  cache.add("b", sized(101));
  EXPECT_EQ(cache.find("b"), nullptr);
  EXPECT_NE(cache.find("a"), nullptr);
}

TEST(ContentCache, KeepsTheFirstOfTheSameContent) {
  ContentCache<Sized> cache(100);
  const auto first = sized(60);
  cache.add("a", first);
  cache.add("a", sized(60));
  EXPECT_EQ(cache.find("a"), first);
}

}  // namespace
}  // namespace millrace
