#include "decoders/transformer_decoder_session.h"

#include <gmock/gmock.h>

#include <cstring>
#include <random>

#include "base/error.h"
#include "kernels/dispatch.h"
#include "models/architecture_library.h"
#include "models/config.h"

namespace millrace {
namespace {

using testing::HasSubstr;

const std::string kFolder = MILLRACE_SOURCE_DIR "/tests/golden/speech/heads_of_12";
constexpr int64_t kWidth = 24, kPositions = 21, kVocabulary = 101, kLength = 24;

std::shared_ptr<const TransformerDecoder> load(kernels::WeightType type = kernels::WeightType::float32) {
  const auto checkpoint = open_checkpoint(kFolder);
  const auto config = read_config(kFolder);
  const auto architecture = load_architectures().of_model_type("whisper", kFolder);
  const auto weights = std::make_shared<const Weights>(checkpoint, architecture.checkpoints.at("safetensors"),
                                                       LoadOptions{.weights = type});
  return std::make_shared<TransformerDecoder>(
      resolve_settings(architecture, config, *checkpoint).at("text_decoder"),
      WeightScope(weights, "text_decoder"));
}

Tensor random_states(unsigned seed, int64_t positions = kPositions) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  Tensor states(DType::float32, {positions, kWidth});
  for (int64_t i = 0; i < states.count(); ++i) states.mutable_data<float>()[i] = normal(random);
  return states;
}

std::vector<float> row(const Tensor& logits, int64_t i) {
  const auto values = logits.values<float>().subspan(static_cast<size_t>(i * logits.dim(1)),
                                                     static_cast<size_t>(logits.dim(1)));
  return {values.begin(), values.end()};
}

// The logits after each of `tokens`, fed one by one to a session of one slot.
std::vector<std::vector<float>> alone(const TextDecoder& decoder, const Tensor& states,
                                      const std::vector<TokenId>& tokens) {
  const auto session = decoder.begin(1, kLength);
  session->attach(0, session->add_memory(states));
  std::vector<std::vector<float>> result;
  for (const TokenId token : tokens) {
    const DecoderFeed feed{.slot = 0, .tokens = {&token, 1}};
    result.push_back(row(session->step({&feed, 1}), 0));
  }
  return result;
}

class EveryIsa : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { kernels::select_isa(GetParam()); }
  void TearDown() override { kernels::select_isa(best_); }
  std::string best_{kernels::active_isa()};
};

TEST_P(EveryIsa, GivesEachSequenceWhatItGetsAlone) {
  const auto decoder = load();
  const std::vector<std::vector<TokenId>> tokens = {
      {1, 7, 9, 30}, {1, 8, 100, 2}, {5, 5, 6, 7}, {0, 1, 2, 3}};
  const auto first = random_states(1), second = random_states(2, kPositions - 3);
  const auto session = decoder->begin(4, kLength);
  const int memories[] = {session->add_memory(first), session->add_memory(second)};
  for (int slot = 0; slot < 4; ++slot) session->attach(slot, memories[slot / 2]);
  for (size_t position = 0; position < 4; ++position) {
    std::vector<DecoderFeed> feeds;
    for (int slot = 0; slot < 4; ++slot)
      feeds.push_back(
          {.slot = slot, .tokens = std::span(tokens[static_cast<size_t>(slot)]).subspan(position, 1)});
    const Tensor logits = session->step(feeds);
    for (size_t slot = 0; slot < 4; ++slot)
      EXPECT_EQ(row(logits, static_cast<int64_t>(slot)),
                alone(*decoder, slot < 2 ? first : second, tokens[slot])[position]);
  }
}

TEST_P(EveryIsa, GivesManyOfOneMemoryWhatTheyGetAlone) {
  const auto decoder = load();
  const auto states = random_states(9);
  constexpr int kSlots = 21;
  const auto session = decoder->begin(kSlots, kLength);
  const int memory = session->add_memory(states);
  std::vector<TokenId> tokens(kSlots);
  std::vector<DecoderFeed> feeds;
  for (int slot = 0; slot < kSlots; ++slot) {
    session->attach(slot, memory);
    tokens[static_cast<size_t>(slot)] = slot + 3;
    feeds.push_back({.slot = slot, .tokens = std::span(tokens).subspan(static_cast<size_t>(slot), 1)});
  }
  const Tensor logits = session->step(feeds);
  for (int slot = 0; slot < kSlots; ++slot)
    EXPECT_EQ(row(logits, slot), alone(*decoder, states, {slot + 3})[0]) << slot;
}

TEST_P(EveryIsa, GivesTheSameForTokensFedTogether) {
  const auto decoder = load();
  const std::vector<TokenId> tokens = {1, 7, 9, 30, 2};
  const auto states = random_states(3);
  const auto expected = alone(*decoder, states, tokens);
  const auto session = decoder->begin(2, kLength);
  for (int slot = 0; slot < 2; ++slot) session->attach(slot, session->add_memory(states));
  const DecoderFeed feeds[] = {{.slot = 1, .tokens = std::span(tokens).first(2)},
                               {.slot = 0, .tokens = tokens}};
  const Tensor logits = session->step_all(feeds);
  ASSERT_EQ(logits.shape(), (Shape{7, kVocabulary}));
  for (int64_t i = 0; i < 7; ++i)
    EXPECT_EQ(row(logits, i), expected[static_cast<size_t>(i < 2 ? i : i - 2)]) << i;
}

TEST_P(EveryIsa, ReordersAndTruncates) {
  const auto decoder = load();
  const auto states = random_states(4);
  const auto session = decoder->begin(3, kLength);
  session->attach(0, session->add_memory(states));
  const std::vector<TokenId> start = {1, 2};
  const DecoderFeed first{.slot = 0, .tokens = start};
  session->step({&first, 1});
  session->reorder(std::vector{0, 0, 0});
  const std::vector<TokenId> next = {10, 20, 30};
  std::vector<DecoderFeed> feeds;
  for (int slot = 0; slot < 3; ++slot)
    feeds.push_back({.slot = slot, .tokens = std::span(next).subspan(static_cast<size_t>(slot), 1)});
  session->step(feeds);
  session->reorder(std::vector{2, 0, 2});
  session->truncate(2, 2);
  const std::vector<TokenId> last = {40};
  feeds = {{.slot = 0, .tokens = last}, {.slot = 1, .tokens = last}, {.slot = 2, .tokens = last}};
  const Tensor logits = session->step(feeds);
  EXPECT_EQ(row(logits, 0), alone(*decoder, states, {1, 2, 30, 40}).back());
  EXPECT_EQ(row(logits, 1), alone(*decoder, states, {1, 2, 10, 40}).back());
  EXPECT_EQ(row(logits, 2), alone(*decoder, states, {1, 2, 40}).back());
}

TEST_P(EveryIsa, LetsPositionsOfABlockSeeEachOther) {
  const auto decoder = load();
  const std::vector<TokenId> tokens = {1, 7, 9, 30, 12};
  const std::vector<int32_t> blocks = {-1, -1, 0, 0, -1};
  const auto states = random_states(5);
  const auto feed = [](std::span<const TokenId> some, std::span<const int32_t> theirs) {
    return DecoderFeed{
        .slot = 0, .tokens = some, .embeddings = {}, .attention_mask = {}, .length = 0, .blocks = theirs};
  };
  const auto whole = decoder->begin(1, kLength), parts = decoder->begin(1, kLength);
  whole->attach(0, whole->add_memory(states));
  parts->attach(0, parts->add_memory(states));
  const DecoderFeed all = feed(tokens, blocks);
  const Tensor expected = whole->step_all({&all, 1});
  const auto before = alone(*decoder, states, tokens);
  EXPECT_EQ(row(expected, 1), before[1]) << "before the block";
  EXPECT_NE(row(expected, 2), before[2]) << "it sees what is behind it";

  const std::span<const TokenId> some = tokens;
  const DecoderFeed first = feed(some.first(2), {}),
                    rest = feed(some.subspan(2), std::span(blocks).subspan(2));
  parts->step({&first, 1});
  const Tensor given = parts->step_all({&rest, 1});
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(row(given, i), row(expected, i + 2)) << i;
}

INSTANTIATE_TEST_SUITE_P(DecoderSession, EveryIsa, testing::ValuesIn(kernels::available_isas()),
                         [](const auto& info) { return info.param; });

TEST(DecoderSession, AlignmentRowsAreProbabilities) {
  const auto decoder = load();
  const auto session = decoder->begin(2, kLength);
  for (int slot = 0; slot < 2; ++slot) session->attach(slot, session->add_memory(random_states(6)));
  const std::vector<TokenId> tokens = {1, 2, 3};
  const DecoderFeed feeds[] = {{.slot = 0, .tokens = tokens},
                               {.slot = 1, .tokens = std::span(tokens).first(2)}};
  AlignmentRequest alignment{.heads = {{1, 0}, {0, 1}, {1, 1}}, .weights = {}};
  session->step(feeds, &alignment);
  ASSERT_EQ(alignment.weights.shape(), (Shape{3, 5, kPositions}));
  for (int64_t i = 0; i < 15; ++i) {
    float sum = 0;
    for (int64_t j = 0; j < kPositions; ++j) sum += alignment.weights.data<float>()[i * kPositions + j];
    EXPECT_NEAR(sum, 1, 1e-5);
  }
  const auto head = [&](int64_t i) {
    return std::vector<float>(alignment.weights.data<float>() + i * 5 * kPositions,
                              alignment.weights.data<float>() + (i + 1) * 5 * kPositions);
  };
  EXPECT_NE(head(0), head(1));
  EXPECT_NE(head(0), head(2));
  // Both slots saw the same states: their first two rows agree.
  const auto weights = head(0);
  EXPECT_TRUE(
      std::equal(weights.begin(), weights.begin() + 2 * kPositions, weights.begin() + 3 * kPositions));
  AlignmentRequest wrong{.heads = {{2, 0}}, .weights = {}};
  EXPECT_THROW(session->step(feeds, &wrong), Error);
}

TEST(DecoderSession, RoundedWeightsStayNear) {
  const auto states = random_states(7);
  const std::vector<TokenId> tokens = {1, 2, 3, 4, 5};
  const auto exact = alone(*load(), states, tokens).back();
  const auto relative_error = [&](kernels::WeightType type) {
    const auto rounded = alone(*load(type), states, tokens).back();
    double error = 0, power = 0;
    for (size_t i = 0; i < exact.size(); ++i) {
      error += (rounded[i] - exact[i]) * (rounded[i] - exact[i]);
      power += exact[i] * exact[i];
    }
    return std::sqrt(error / power);
  };
  EXPECT_LT(relative_error(kernels::WeightType::bfloat16), 0.03);
  EXPECT_LT(relative_error(kernels::WeightType::int8), 0.15);
}

void expect_error(const std::function<void()>& call, const std::string& text) {
  try {
    call();
    ADD_FAILURE() << "no error: " << text;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(DecoderSession, RefusesWhatDoesNotFit) {
  const auto decoder = load();
  expect_error([&] { decoder->begin(1, kLength + 1); }, "has 24 positions; 25 were asked for");
  const auto session = decoder->begin(2, 4);
  const std::vector<TokenId> tokens = {1, 2, 3, 4, 5};
  const auto step = [&](std::vector<DecoderFeed> feeds) { session->step(feeds); };
  expect_error([&] { step({{.slot = 0, .tokens = std::span(tokens).first(1)}}); }, "no encoder states");
  expect_error([&] { session->add_memory(Tensor(DType::float32, {3, kWidth + 1})); }, "[positions, 24]");
  session->attach(0, session->add_memory(random_states(8)));
  expect_error([&] { step({{.slot = 0, .tokens = tokens}}); }, "more than the limit of 4");
  expect_error([&] { step({{.slot = 2, .tokens = tokens}}); }, "slot 2 of 2");
  const std::vector<TokenId> outside = {kVocabulary};
  expect_error([&] { step({{.slot = 0, .tokens = outside}}); }, "outside the vocabulary");
  const auto one = std::span(tokens).first(1);
  expect_error([&] { step({{.slot = 0, .tokens = one}, {.slot = 0, .tokens = one}}); }, "fed twice");
  EXPECT_EQ(session->length(0), 0);
}

TEST(DecoderSession, KeepsAMemoryUntilItsLastSlotLeaves) {
  const auto decoder = load();
  const auto session = decoder->begin(2, kLength);
  const int first = session->add_memory(random_states(1));
  session->attach(0, first);
  session->attach(1, first);
  const int second = session->add_memory(random_states(2));
  EXPECT_NE(first, second);
  session->attach(0, second);
  EXPECT_NE(session->add_memory(random_states(3)), first);
  session->attach(1, second);
  EXPECT_EQ(session->add_memory(random_states(4)), first);
}

}  // namespace
}  // namespace millrace
