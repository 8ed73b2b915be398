#include "decoders/speech/local_agreement.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(LocalAgreement, SettlesWhatTwoInARowAgreeOn) {
  LocalAgreement agreement;
  agreement.push({" ask", " not", " what"});
  EXPECT_EQ(agreement.settled(), "");
  EXPECT_EQ(agreement.rest(), " ask not what");
  agreement.push({" ask", " not", " that", " your"});
  EXPECT_EQ(agreement.settled(), " ask not");
  EXPECT_EQ(agreement.rest(), " that your");
  agreement.push({" ask", " not", " that", " your", " country"});
  EXPECT_EQ(agreement.settled(), " ask not that your");
  EXPECT_EQ(agreement.rest(), " country");
}

TEST(LocalAgreement, WhatIsSettledStays) {
  LocalAgreement agreement;
  agreement.push({" one", " two"});
  agreement.push({" one", " two"});
  agreement.push({" won", " too", " three"});
  EXPECT_EQ(agreement.settled(), " one two");
  EXPECT_EQ(agreement.rest(), " three");
  agreement.push({" one"});
  EXPECT_EQ(agreement.settled(), " one two");
  EXPECT_EQ(agreement.rest(), "");
  agreement.push({});
  EXPECT_EQ(agreement.settled(), " one two");
}

TEST(LocalAgreement, ForgetsWhatIsFinal) {
  LocalAgreement agreement;
  agreement.push({" a", " b", " c"});
  agreement.push({" a", " b", " c", " d"});
  agreement.forget(2);
  EXPECT_EQ(agreement.settled_words(), 1u);
  EXPECT_EQ(agreement.settled(), " c");
  EXPECT_EQ(agreement.rest(), " d");
  agreement.push({" c", " d", " e"});
  EXPECT_EQ(agreement.settled(), " c d");
  agreement.forget(9);
  EXPECT_EQ(agreement.settled() + agreement.rest(), "");
}

}  // namespace
}  // namespace millrace
