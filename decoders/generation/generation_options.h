#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "decoders/generation/generation_config.h"
#include "decoders/rules/sequence_rules.h"

namespace millrace {

// How a text is generated: the names, defaults and meanings of transformers' `generate`, with the OpenAI
// API's penalties beside them. Defaults are "as the model's scores say": greedy, no limit but the context's
// end.
struct GenerationOptions {
  enum class EarlyStopping { no, yes, never };

  // How long. A max_new_tokens beats max_length, which counts the prompt too; neither: up to the context's
  // end.
  std::optional<int64_t> max_new_tokens, max_length;
  int64_t min_new_tokens = 0, min_length = 0;
  std::vector<std::string> stop_strings;
  std::vector<TokenId> eos_token_id;

  // Which search.
  bool do_sample = false;
  int64_t num_beams = 1, num_return_sequences = 1;
  double length_penalty = 1;
  EarlyStopping early_stopping = EarlyStopping::no;
  std::optional<uint64_t> seed;  // none: another one each time
  int64_t prompt_lookup_num_tokens = 0, max_matching_ngram_size = 2;

  // What is drawn from, with do_sample only.
  double temperature = 1;  // 0: greedy
  int64_t top_k = 0;       // 0: all. transformers' 50 of models that say nothing is not taken over
  double top_p = 1, min_p = 0, typical_p = 1, epsilon_cutoff = 0, eta_cutoff = 0;
  std::optional<double> top_h;
  std::optional<int64_t> min_tokens_to_keep;  // none: 1, with beams one more than there are end tokens

  // What changes the scores whatever the search.
  double repetition_penalty = 1, frequency_penalty = 0, presence_penalty = 0;
  int64_t no_repeat_ngram_size = 0;
  std::vector<std::vector<TokenId>> bad_words_ids;
  SequenceBias::Biases sequence_bias;
  std::map<TokenId, float> logit_bias;
  std::optional<TokenId> forced_bos_token_id;
  std::vector<TokenId> forced_eos_token_id, suppress_tokens, begin_suppress_tokens;
  std::optional<std::pair<int64_t, double>> exponential_decay_length_penalty;
  bool remove_invalid_values = false, renormalize_logits = false;

  // Whether tokens are drawn, rather than the best taken.
  bool samples() const { return do_sample && temperature > 0; }

  // How many tokens may follow a prompt of this length, with room for `room` more in the context.
  int64_t new_token_limit(int64_t prompt_length, int64_t room) const;

  // Every value in its range, and no two that contradict each other; ids within `vocabulary` where it is
  // given. Error(kind) at `place` that names the option.
  void check(ErrorKind kind, const std::string& place, std::optional<int64_t> vocabulary = {}) const;
};

// What a model's generation_config says. Names that are not options of generation are passed over; options
// that would change the result and that Millrace does not have are Error(model).
GenerationOptions options_of(const GenerationConfig& config);

// Lays what a user asked for, an object of options by name, over `base`. A null leaves what is there. A
// sampling option (temperature, top_k, top_p, …) without do_sample means do_sample; temperature 0 means
// greedy. An unknown name, a wrong type or a value out of range is Error(kind) at `place`.
GenerationOptions with_options(GenerationOptions base, const nlohmann::json& values, ErrorKind kind,
                               const std::string& place);

}  // namespace millrace
