#include "decoders/rules/generation_rules.h"

#include "decoders/rules/count_penalties.h"
#include "decoders/rules/entropy_rules.h"
#include "decoders/rules/finishing_rules.h"
#include "decoders/rules/length_rules.h"
#include "decoders/rules/sequence_rules.h"
#include "decoders/rules/truncation_rules.h"

namespace millrace {
namespace {

class RuleList {
 public:
  template <class Rule, class... Args>
  void add(Args&&... args) {
    rules_.push_back(std::make_shared<Rule>(std::forward<Args>(args)...));
  }
  void add_all(const LogitRules& rules) { rules_.insert(rules_.end(), rules.begin(), rules.end()); }
  LogitRules take() { return std::move(rules_); }

 private:
  LogitRules rules_;
};

float as_float(double value) { return static_cast<float>(value); }

void add_forced_tokens(RuleList& rules, const GenerationOptions& o) {
  using Counted = ForcedTokens::Counted;
  if (o.forced_bos_token_id)
    rules.add<ForcedTokens>(1, Counted::all, std::vector<TokenId>{*o.forced_bos_token_id});
  if (o.forced_eos_token_id.empty()) return;
  if (o.max_new_tokens) {
    rules.add<ForcedTokens>(*o.max_new_tokens - 1, Counted::generated, o.forced_eos_token_id);
  } else if (o.max_length) {
    rules.add<ForcedTokens>(*o.max_length - 1, Counted::all, o.forced_eos_token_id);
  }
}

void add_processors(RuleList& rules, const GenerationOptions& o) {
  using Counted = NoEndBefore::Counted;
  if (!o.sequence_bias.empty()) rules.add<SequenceBias>(o.sequence_bias);
  if (o.repetition_penalty != 1)
    rules.add<RepetitionPenalty>(as_float(o.repetition_penalty),
                                 RepetitionPenalty::Scope::prompt_and_generated);
  if (o.no_repeat_ngram_size > 0)
    rules.add<NoRepeatNgram>(o.no_repeat_ngram_size, NoRepeatNgram::Scope::prompt_and_generated);
  if (!o.bad_words_ids.empty()) rules.add<SequenceBias>(biases_against(o.bad_words_ids, o.eos_token_id));
  if (o.min_length > 0) rules.add<NoEndBefore>(o.min_length, Counted::all, o.eos_token_id);
  if (o.min_new_tokens > 0) rules.add<NoEndBefore>(o.min_new_tokens, Counted::generated, o.eos_token_id);
  add_forced_tokens(rules, o);
  if (o.remove_invalid_values) rules.add<ReplaceInvalid>();
  if (const auto& growth = o.exponential_decay_length_penalty)
    rules.add<EndMoreLikely>(growth->first, growth->second, o.eos_token_id);
  if (!o.suppress_tokens.empty()) rules.add<SuppressTokens>(o.suppress_tokens);
  if (!o.begin_suppress_tokens.empty())
    rules.add<SuppressFirstFree>(o.begin_suppress_tokens, o.forced_bos_token_id.has_value());
  if (o.frequency_penalty != 0 || o.presence_penalty != 0)
    rules.add<CountPenalties>(as_float(o.frequency_penalty), as_float(o.presence_penalty));
  if (!o.logit_bias.empty()) rules.add<LogitBias>(o.logit_bias);
}

void add_warpers(RuleList& rules, const GenerationOptions& o) {
  // With beams one token that ends nothing has to stay, or there is nothing to go on with.
  const auto ends = static_cast<int64_t>(o.eos_token_id.empty() ? 1 : o.eos_token_id.size());
  const int64_t keep = o.min_tokens_to_keep.value_or(o.num_beams > 1 ? ends + 1 : 1);
  if (o.temperature != 1) rules.add<Temperature>(as_float(o.temperature));
  if (o.top_h) rules.add<TopH>(as_float(*o.top_h));
  if (o.top_k > 0) rules.add<TopK>(o.top_k, keep);
  if (o.top_p < 1) rules.add<TopP>(o.top_p, keep);
  if (o.min_p > 0) rules.add<MinP>(as_float(o.min_p), keep);
  if (o.typical_p < 1) rules.add<TypicalP>(as_float(o.typical_p), keep);
  if (o.epsilon_cutoff > 0) rules.add<EpsilonCutoff>(as_float(o.epsilon_cutoff), keep);
  if (o.eta_cutoff > 0) rules.add<EtaCutoff>(as_float(o.eta_cutoff), keep);
}

}  // namespace

LogitRules make_rules(const GenerationOptions& options, const LogitRules& own) {
  RuleList rules;
  add_processors(rules, options);
  rules.add_all(own);
  if (options.samples()) add_warpers(rules, options);
  if (options.renormalize_logits) rules.add<Renormalize>();
  return rules.take();
}

}  // namespace millrace
