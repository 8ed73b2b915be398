#include "decoders/generation/generation_options.h"

#include <gmock/gmock.h>

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

GenerationOptions asked(const Json& values, const GenerationOptions& base = {}) {
  return with_options(base, values, ErrorKind::usage, "here");
}

GenerationOptions of_model(const Json& values) {
  return options_of(GenerationConfig(values, "generation_config.json"));
}

TEST(GenerationOptions, AreGreedyWithoutALimitByDefault) {
  const GenerationOptions options;
  EXPECT_FALSE(options.samples());
  EXPECT_EQ(options.new_token_limit(10, 90), 90);
}

TEST(GenerationOptions, TheUsersLieOverTheModels) {
  const auto model = of_model({{"do_sample", true},
                               {"temperature", 0.6},
                               {"top_p", 0.9},
                               {"eos_token_id", {2, 7}},
                               {"transformers_version", "5.23.0"},
                               {"architectures", nullptr}});
  EXPECT_TRUE(model.samples());
  EXPECT_THAT(model.eos_token_id, ElementsAre(2, 7));
  const auto both = asked({{"top_p", 0.5}, {"temperature", nullptr}}, model);
  EXPECT_EQ(both.top_p, 0.5);
  EXPECT_EQ(both.temperature, 0.6);
  EXPECT_THAT(both.eos_token_id, ElementsAre(2, 7));
}

TEST(GenerationOptions, ASamplingOptionAsksForSampling) {
  EXPECT_TRUE(asked({{"temperature", 0.7}}).samples());
  EXPECT_TRUE(asked({{"top_k", 5}}).samples());
  EXPECT_FALSE(asked({{"temperature", 0}}).samples());
  EXPECT_FALSE(asked({{"temperature", 0.7}, {"do_sample", false}}).samples());
  EXPECT_FALSE(asked({{"temperature", 0}}, of_model({{"do_sample", true}})).samples());
  EXPECT_FALSE(asked({{"repetition_penalty", 1.1}}).samples());
  // A model that says temperature without do_sample is greedy, as in transformers.
  EXPECT_FALSE(of_model({{"temperature", 0.6}}).samples());
}

TEST(GenerationOptions, LengthsLeaveSoManyTokens) {
  EXPECT_EQ(asked({{"max_new_tokens", 5}, {"max_length", 12}}).new_token_limit(10, 90), 5);
  EXPECT_EQ(asked({{"max_length", 12}}).new_token_limit(10, 90), 2);
  EXPECT_EQ(asked({{"max_length", 12}}).new_token_limit(20, 90), 0);
  EXPECT_EQ(asked({{"max_new_tokens", 500}}).new_token_limit(10, 90), 90);
}

TEST(GenerationOptions, OneIsAListOfOne) {
  const auto options = asked({{"stop_strings", "END"}, {"eos_token_id", 3}, {"suppress_tokens", {-1, 4}}});
  EXPECT_THAT(options.stop_strings, ElementsAre("END"));
  EXPECT_THAT(options.eos_token_id, ElementsAre(3));
  EXPECT_THAT(options.suppress_tokens, ElementsAre(4));
}

std::string error_of(const Json& values) {
  try {
    asked(values);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(GenerationOptions, FaultsNameTheOption) {
  EXPECT_EQ(error_of({{"temprature", 1}}),
            "here: there is no option 'temprature' (did you mean 'temperature'?)");
  EXPECT_EQ(error_of({{"top_p", 1.5}}), "here: the option 'top_p' should be from 0 to 1, but is 1.5");
  EXPECT_EQ(error_of({{"top_k", 2.5}}), "here: the option 'top_k' should be a whole number, but is 2.5");
  EXPECT_EQ(error_of({{"seed", -1}}),
            "here: the option 'seed' should be a whole number, 0 or more, but is -1");
  EXPECT_EQ(error_of({{"guidance_scale", 1}}), "none");
  const auto faults = Json::parse(R"({
      "temperature": -1, "top_k": -1, "min_p": 2, "typical_p": 0, "epsilon_cutoff": 1, "eta_cutoff": -0.1,
      "top_h": 0, "repetition_penalty": 0, "no_repeat_ngram_size": -1, "max_new_tokens": 0, "max_length": 0,
      "min_length": -1, "num_beams": 0, "num_return_sequences": 2, "stop_strings": [""], "early_stopping": "yes",
      "bad_words_ids": [[]], "sequence_bias": {"1": 2}, "logit_bias": {"x": 1},
      "guidance_scale": 2, "eos_token_id": "end", "length_penalty": "long", "do_sample": 1,
      "exponential_decay_length_penalty": [1]})");
  for (const auto& [name, value] : faults.items())
    EXPECT_THAT(error_of({{name, value}}), HasSubstr("'" + name + "'"));
}

TEST(GenerationOptions, WhatTheModelAsksForAndIsNotThereIsAnError) {
  EXPECT_THROW(of_model({{"penalty_alpha", 0.6}}), Error);
  EXPECT_NO_THROW(of_model({{"diversity_penalty", 0.0}, {"encoder_repetition_penalty", 1.0}}));
}

TEST(GenerationOptions, TokensBeyondTheVocabularyAreFound) {
  const auto options = asked({{"bad_words_ids", {{5, 10}}}});
  EXPECT_NO_THROW(options.check(ErrorKind::usage, "here", 11));
  EXPECT_THROW(options.check(ErrorKind::usage, "here", 10), Error);
}

}  // namespace
}  // namespace millrace
