// Rotary embeddings that depend on the length of the sequence: however its prompt is read, whatever was
// computed before.
#include <gtest/gtest.h>

#include <algorithm>

#include "decoders/generation/sequence_batch.h"
#include "decoders/transformer_decoder.h"
#include "models/architecture_library.h"
#include "models/config.h"

namespace millrace {
namespace {

std::shared_ptr<const TransformerDecoder> load(const std::string& name) {
  const std::string folder = MILLRACE_SOURCE_DIR "/tests/golden/causal/" + name;
  const auto checkpoint = open_checkpoint(folder);
  const auto config = read_config(folder);
  const auto architecture = load_architectures().of_model_type(config->model_type(), folder);
  const auto weights =
      std::make_shared<const Weights>(checkpoint, architecture.checkpoints.at("safetensors"), LoadOptions{});
  return std::make_shared<TransformerDecoder>(
      resolve_settings(architecture, config, *checkpoint).at("text_decoder"),
      WeightScope(weights, "text_decoder"));
}

struct Answer {
  std::vector<TokenId> tokens;
  std::vector<float> logits;  // of all steps
};

// What `batch` writes after `prompt`, guessing `guesses` if there are any.
Answer write(SequenceBatch& batch, std::vector<TokenId> prompt, int64_t count,
             const std::vector<TokenId>& guesses = {}) {
  Answer answer;
  SequenceRequest request{
      .prompt = std::move(prompt),
      .fed = {},
      .max_new_tokens = count,
      .end_tokens = {},
      .choose =
          [&](const TokensSoFar&, std::span<float> logits) {
            answer.logits.insert(answer.logits.end(), logits.begin(), logits.end());
            return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
          },
      .guess = {}};
  if (!guesses.empty())
    request.guess = [&](const TokensSoFar& so_far) {
      return std::vector<TokenId>(
          guesses.begin() + std::min(std::ssize(so_far.generated), std::ssize(guesses)), guesses.end());
    };
  const auto sequence = batch.start(std::move(request));
  while (const auto token = sequence->next()) answer.tokens.push_back(*token);
  return answer;
}

void expect_same(const Answer& answer, const Answer& expected) {
  EXPECT_EQ(answer.tokens, expected.tokens);
  ASSERT_EQ(answer.logits.size(), expected.logits.size());
  const float largest =
      std::abs(*std::ranges::max_element(expected.logits, {}, [](float value) { return std::abs(value); }));
  for (size_t i = 0; i < answer.logits.size(); ++i)
    ASSERT_NEAR(answer.logits[i], expected.logits[i], 1e-5F * largest) << i;
}

// Models whose frequencies change behind nine positions.
class SequenceLength : public testing::TestWithParam<std::string> {
 protected:
  Answer alone(const std::vector<TokenId>& prompt, int64_t count) const {
    SequenceBatch batch(decoder_, {.slots = 1, .max_length = 40});
    return write(batch, prompt, count);
  }
  std::shared_ptr<const TransformerDecoder> decoder_ = load(GetParam());
};

TEST_P(SequenceLength, IsThatOfTheWholePromptInEachOfItsChunks) {
  const std::vector<TokenId> prompt = {3, 14, 15, 9, 26, 5, 35, 8, 9, 7, 9, 32, 38, 4};
  SequenceBatch batch(decoder_, {.slots = 1, .max_length = 40, .prompt_chunk = 5});
  expect_same(write(batch, prompt, 6), alone(prompt, 6));
}

TEST_P(SequenceLength, ForgetsWhatAShorterSequenceComputed) {
  std::vector<TokenId> talk = {3, 14, 15, 9, 26};
  SequenceBatch batch(decoder_, {.slots = 1, .max_length = 40});
  for (const TokenId next : {7, 8, 9}) {
    const auto answer = write(batch, talk, 4);
    expect_same(answer, alone(talk, 4));
    talk.insert(talk.end(), answer.tokens.begin(), answer.tokens.end());
    talk.push_back(next);
  }
  talk.resize(6);  // a long one before a short one
  expect_same(write(batch, talk, 2), alone(talk, 2));
}

TEST_P(SequenceLength, IsNotThatOfGuesses) {
  const std::vector<TokenId> prompt = {3, 14, 15, 9, 26};
  const auto expected = alone(prompt, 12);
  auto guesses = expected.tokens;
  SequenceBatch batch(decoder_, {.slots = 1, .max_length = 40});
  expect_same(write(batch, prompt, 12, guesses), expected);
  for (size_t i = 2; i < guesses.size(); i += 3) guesses[i] = 1;
  expect_same(write(batch, prompt, 12, guesses), expected);
}

INSTANTIATE_TEST_SUITE_P(Models, SequenceLength,
                         testing::Values("llama_dynamic", "llama_longrope", "phi3_longrope"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace millrace
