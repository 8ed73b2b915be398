#include "base/error.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Error, PutsThePlaceBeforeTheMessage) {
  const Error error(ErrorKind::model, "has no 'd_model'", "config.json");
  EXPECT_STREQ(error.what(), "config.json: has no 'd_model'");
  EXPECT_STREQ(error.at("node 'mel'").what(), "node 'mel': config.json: has no 'd_model'");
  EXPECT_EQ(exit_code(error.kind()), 4);
}

TEST(Error, WithoutAPlaceIsTheMessageAlone) {
  try {
    fail(ErrorKind::usage, "no {}", "input");
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "no input");
    return;
  }
  FAIL();
}

}  // namespace
}  // namespace millrace
