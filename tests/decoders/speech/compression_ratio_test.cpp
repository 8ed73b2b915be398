#include "decoders/speech/compression_ratio.h"

#include <gtest/gtest.h>

#include "tests/decoders/golden_json.h"

namespace millrace {
namespace {

TEST(CompressionRatio, EqualsPythons) {
  for (const auto& each : testing::transcribe_golden("compression_ratio"))
    EXPECT_DOUBLE_EQ(compression_ratio(each["text"].get<std::string>()), each["ratio"].get<double>());
}

}  // namespace
}  // namespace millrace
