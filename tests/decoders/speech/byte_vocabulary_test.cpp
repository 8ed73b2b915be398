#include "tests/decoders/speech/byte_vocabulary.h"

#include <gmock/gmock.h>

namespace millrace::testing {

TEST(ByteVocabulary, DecodesWhatItEncodes) {
  const ByteVocabulary vocabulary;
  EXPECT_EQ(vocabulary.decode(vocabulary.encode("é a", false), false), "é a");
  EXPECT_EQ(vocabulary.decode(std::vector<TokenId>{0xc3, 'a'}, false),
            "\xef\xbf\xbd"
            "a");
  EXPECT_THAT(ByteVocabulary::tokens("<1.00>a"), ::testing::ElementsAre(ByteVocabulary::kTime + 50, 'a'));
}

}  // namespace millrace::testing
