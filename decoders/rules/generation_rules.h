#pragma once
#include "decoders/generation/generation_options.h"
#include "decoders/rules/logit_rules.h"

namespace millrace {

// The rules that the options ask for, in the order of transformers' `generate`: sequence_bias,
// repetition_penalty, no_repeat_ngram_size, bad_words_ids, min_length, min_new_tokens, forced_bos_token_id,
// forced_eos_token_id, remove_invalid_values, exponential_decay_length_penalty, suppress_tokens,
// begin_suppress_tokens; then, where `generate` puts its caller's own processors, the OpenAI API's
// frequency_penalty, presence_penalty and logit_bias; then `own` (a constraint); then, if tokens are sampled,
// temperature, top_h, top_k, top_p, min_p, typical_p, epsilon_cutoff, eta_cutoff; then renormalize_logits.
//
// forced_eos_token_id takes the last token that max_new_tokens or max_length leaves: whoever knows the
// context's end sets one of them. What the rules leave is drawn from at temperature 1.
LogitRules make_rules(const GenerationOptions& options, const LogitRules& own = {});

}  // namespace millrace
