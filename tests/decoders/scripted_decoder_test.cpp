#include "tests/decoders/scripted_decoder.h"

#include <gmock/gmock.h>

#include <array>

namespace millrace::testing {

TEST(ScriptedDecoder, KeepsASequenceAndAMemoryPerSlot) {
  ScriptedDecoder decoder(
      {.vocabulary = 2, .logits = [](int memory, std::span<const TokenId> fed) {
         return std::vector<float>{static_cast<float>(memory), static_cast<float>(fed.size())};
       }});
  const auto session = decoder.begin(2, 4);
  const std::array<float, 1> value = {7};
  session->attach(0, session->add_memory(Tensor::from<float>({1, 1}, value)));
  const std::array<TokenId, 2> tokens = {1, 0};
  const std::array<DecoderFeed, 1> feeds = {DecoderFeed{.slot = 0, .tokens = tokens}};
  EXPECT_THAT(session->step_all(feeds).values<float>(), ::testing::ElementsAre(7, 1, 7, 2));
  session->reorder(std::array{0, 0});
  EXPECT_EQ(session->length(1), 2);
  session->truncate(1, 1);
  EXPECT_EQ(session->length(1), 1);
  EXPECT_EQ(session->length(0), 2);
}

}  // namespace millrace::testing
