#include "decoders/generation/generation_options.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "base/suggest.h"
#include "decoders/generation/option_value.h"

namespace millrace {
namespace {

using Options = GenerationOptions;

Options::EarlyStopping early_stopping(const OptionValue& value) {
  if (value.json() == "never") return Options::EarlyStopping::never;
  if (!value.json().is_boolean()) value.refuse("true, false or \"never\"");
  return value.flag() ? Options::EarlyStopping::yes : Options::EarlyStopping::no;
}

uint64_t seed(const OptionValue& value) {
  if (!value.json().is_number_integer() || value.json() < 0) value.refuse("a whole number, 0 or more");
  return value.json().get<uint64_t>();
}

struct Known {
  std::string_view name;
  void (*set)(Options& options, const OptionValue& value);
  bool samples = false;  // asking for it asks for sampling
};

constexpr Known kKnown[] = {
    {"max_new_tokens", [](Options& o, const OptionValue& v) { o.max_new_tokens = v.integer(); }},
    {"max_length", [](Options& o, const OptionValue& v) { o.max_length = v.integer(); }},
    {"min_new_tokens", [](Options& o, const OptionValue& v) { o.min_new_tokens = v.integer(); }},
    {"min_length", [](Options& o, const OptionValue& v) { o.min_length = v.integer(); }},
    {"stop_strings", [](Options& o, const OptionValue& v) { o.stop_strings = v.texts(); }},
    {"eos_token_id", [](Options& o, const OptionValue& v) { o.eos_token_id = v.tokens(); }},
    {"do_sample", [](Options& o, const OptionValue& v) { o.do_sample = v.flag(); }},
    {"num_beams", [](Options& o, const OptionValue& v) { o.num_beams = v.integer(); }},
    {"num_return_sequences", [](Options& o, const OptionValue& v) { o.num_return_sequences = v.integer(); }},
    {"length_penalty", [](Options& o, const OptionValue& v) { o.length_penalty = v.real(); }},
    {"early_stopping", [](Options& o, const OptionValue& v) { o.early_stopping = early_stopping(v); }},
    {"seed", [](Options& o, const OptionValue& v) { o.seed = seed(v); }},
    {"prompt_lookup_num_tokens",
     [](Options& o, const OptionValue& v) { o.prompt_lookup_num_tokens = v.integer(); }},
    {"max_matching_ngram_size",
     [](Options& o, const OptionValue& v) { o.max_matching_ngram_size = v.integer(); }},
    {"temperature", [](Options& o, const OptionValue& v) { o.temperature = v.real(); }, true},
    {"top_k", [](Options& o, const OptionValue& v) { o.top_k = v.integer(); }, true},
    {"top_p", [](Options& o, const OptionValue& v) { o.top_p = v.real(); }, true},
    {"min_p", [](Options& o, const OptionValue& v) { o.min_p = v.real(); }, true},
    {"typical_p", [](Options& o, const OptionValue& v) { o.typical_p = v.real(); }, true},
    {"epsilon_cutoff", [](Options& o, const OptionValue& v) { o.epsilon_cutoff = v.real(); }, true},
    {"eta_cutoff", [](Options& o, const OptionValue& v) { o.eta_cutoff = v.real(); }, true},
    {"top_h", [](Options& o, const OptionValue& v) { o.top_h = v.real(); }, true},
    {"min_tokens_to_keep", [](Options& o, const OptionValue& v) { o.min_tokens_to_keep = v.integer(); }},
    {"repetition_penalty", [](Options& o, const OptionValue& v) { o.repetition_penalty = v.real(); }},
    {"frequency_penalty", [](Options& o, const OptionValue& v) { o.frequency_penalty = v.real(); }},
    {"presence_penalty", [](Options& o, const OptionValue& v) { o.presence_penalty = v.real(); }},
    {"no_repeat_ngram_size", [](Options& o, const OptionValue& v) { o.no_repeat_ngram_size = v.integer(); }},
    {"bad_words_ids", [](Options& o, const OptionValue& v) { o.bad_words_ids = v.sequences(); }},
    {"sequence_bias", [](Options& o, const OptionValue& v) { o.sequence_bias = v.biases(); }},
    {"logit_bias", [](Options& o, const OptionValue& v) { o.logit_bias = v.token_biases(); }},
    {"forced_bos_token_id", [](Options& o, const OptionValue& v) { o.forced_bos_token_id = v.token(); }},
    {"forced_eos_token_id", [](Options& o, const OptionValue& v) { o.forced_eos_token_id = v.tokens(); }},
    {"suppress_tokens", [](Options& o, const OptionValue& v) { o.suppress_tokens = v.tokens(); }},
    {"begin_suppress_tokens", [](Options& o, const OptionValue& v) { o.begin_suppress_tokens = v.tokens(); }},
    {"exponential_decay_length_penalty",
     [](Options& o, const OptionValue& v) { o.exponential_decay_length_penalty = v.integer_and_real(); }},
    {"remove_invalid_values", [](Options& o, const OptionValue& v) { o.remove_invalid_values = v.flag(); }},
    {"renormalize_logits", [](Options& o, const OptionValue& v) { o.renormalize_logits = v.flag(); }},
};

// Options of transformers that change the result and that there is nothing for here, with the value that
// asks for nothing.
const std::pair<std::string_view, nlohmann::json> kMissing[] = {
    {"guidance_scale", 1},
    {"encoder_repetition_penalty", 1},
    {"encoder_no_repeat_ngram_size", 0},
    {"diversity_penalty", 0},
    {"num_beam_groups", 1},
    {"penalty_alpha", 0},
    {"max_time", nullptr},
    {"dola_layers", nullptr},
    {"constraints", nullptr},
    {"force_words_ids", nullptr},
    {"watermarking_config", nullptr},
    {"token_healing", false},
    {"assistant_ensemble_weight", nullptr},
};

// Names of transformers that do not change which tokens are generated here.
constexpr std::string_view kWithoutEffect[] = {
    "pad_token_id",         "bos_token_id",      "decoder_start_token_id", "use_cache",
    "cache_implementation", "cache_config",      "max_cache_len",          "output_scores",
    "output_logits",        "output_attentions", "output_hidden_states",   "return_dict_in_generate",
    "prefill_chunk_size",   "compile_config",    "disable_compile",        "transformers_version"};

const Known* find_known(std::string_view name) {
  const auto found = std::find_if(std::begin(kKnown), std::end(kKnown),
                                  [&](const Known& known) { return known.name == name; });
  return found == std::end(kKnown) ? nullptr : found;
}

// Whether the name is one of kMissing, and then that its value asks for nothing.
bool is_missing(const std::string& name, const nlohmann::json& value, ErrorKind kind,
                const std::string& place) {
  for (const auto& [missing, neutral] : kMissing) {
    if (missing != name) continue;
    if (!value.is_null() && value != neutral)
      fail_at(kind, place, "the option '{}' of transformers is not supported: leave it out", name);
    return true;
  }
  return false;
}

[[noreturn]] void refuse_unknown(const std::string& name, ErrorKind kind, const std::string& place) {
  std::vector<std::string> names;
  for (const Known& known : kKnown) names.emplace_back(known.name);
  fail_at(kind, place, "there is no option '{}'{}", name, did_you_mean(name, names));
}

// Whether suppressing these leaves nothing of what is forced.
bool all_suppressed(const std::vector<TokenId>& forced, const std::vector<TokenId>& suppressed) {
  return !forced.empty() && std::all_of(forced.begin(), forced.end(), [&](TokenId token) {
    return std::find(suppressed.begin(), suppressed.end(), token) != suppressed.end();
  });
}

class RangeCheck {
 public:
  RangeCheck(ErrorKind kind, const std::string& place) : kind_(kind), place_(place) {}

  template <class T>
  void need(bool right, std::string_view name, const T& value, std::string_view expected) const {
    if (!right) fail_at(kind_, place_, "the option '{}' should be {}, but is {}", name, expected, value);
  }

  void need_tokens(std::string_view name, const std::vector<TokenId>& tokens, int64_t vocabulary) const {
    for (const TokenId token : tokens)
      if (token >= vocabulary)
        fail_at(kind_, place_, "the option '{}' names token {}, but the last of the vocabulary is {}", name,
                token, vocabulary - 1);
  }

 private:
  ErrorKind kind_;
  const std::string& place_;
};

}  // namespace

int64_t GenerationOptions::new_token_limit(int64_t prompt_length, int64_t room) const {
  int64_t limit = std::max<int64_t>(room, 0);
  if (max_new_tokens) {
    limit = std::min(limit, *max_new_tokens);
  } else if (max_length) {
    limit = std::min(limit, std::max<int64_t>(*max_length - prompt_length, 0));
  }
  return limit;
}

void GenerationOptions::check(ErrorKind kind, const std::string& place,
                              std::optional<int64_t> vocabulary) const {
  const RangeCheck range(kind, place);
  constexpr auto kFloat = static_cast<double>(std::numeric_limits<float>::max());
  const auto within = [](double value, double low, double high) { return value >= low && value <= high; };
  if (max_new_tokens) range.need(*max_new_tokens >= 1, "max_new_tokens", *max_new_tokens, "1 or more");
  if (max_length) range.need(*max_length >= 1, "max_length", *max_length, "1 or more");
  range.need(min_new_tokens >= 0, "min_new_tokens", min_new_tokens, "0 or more");
  range.need(min_length >= 0, "min_length", min_length, "0 or more");
  for (const auto& stop : stop_strings)
    range.need(!stop.empty(), "stop_strings", "\"\"", "made of strings that are not empty");
  range.need(within(static_cast<double>(num_beams), 1, 1024), "num_beams", num_beams, "from 1 to 1024");
  range.need(within(static_cast<double>(num_return_sequences), 1, 1024), "num_return_sequences",
             num_return_sequences, "from 1 to 1024");
  if (num_beams > 1 || !samples())
    range.need(num_return_sequences <= num_beams, "num_return_sequences", num_return_sequences,
               fmt::format("at most num_beams, {}, unless tokens are sampled", num_beams));
  range.need(within(length_penalty, -100, 100), "length_penalty", length_penalty, "from -100 to 100");
  range.need(prompt_lookup_num_tokens >= 0, "prompt_lookup_num_tokens", prompt_lookup_num_tokens,
             "0 or more");
  range.need(max_matching_ngram_size >= 1, "max_matching_ngram_size", max_matching_ngram_size, "1 or more");
  range.need(within(temperature, 0, kFloat), "temperature", temperature, "0 (greedy) or more");
  range.need(top_k >= 0, "top_k", top_k, "0 (all) or more");
  range.need(within(top_p, 0, 1), "top_p", top_p, "from 0 to 1");
  range.need(within(min_p, 0, 1), "min_p", min_p, "from 0 to 1");
  range.need(typical_p > 0 && typical_p <= 1, "typical_p", typical_p, "above 0 and at most 1");
  range.need(epsilon_cutoff >= 0 && epsilon_cutoff < 1, "epsilon_cutoff", epsilon_cutoff,
             "0 or more and below 1");
  range.need(eta_cutoff >= 0 && eta_cutoff < 1, "eta_cutoff", eta_cutoff, "0 or more and below 1");
  if (top_h) range.need(*top_h > 0 && *top_h <= 1, "top_h", *top_h, "above 0 and at most 1");
  if (min_tokens_to_keep)
    range.need(*min_tokens_to_keep >= 1, "min_tokens_to_keep", *min_tokens_to_keep, "1 or more");
  range.need(repetition_penalty > 0 && repetition_penalty <= kFloat, "repetition_penalty", repetition_penalty,
             "above 0 (1 changes nothing)");
  range.need(within(frequency_penalty, -kFloat, kFloat), "frequency_penalty", frequency_penalty, "a float32");
  range.need(within(presence_penalty, -kFloat, kFloat), "presence_penalty", presence_penalty, "a float32");
  range.need(no_repeat_ngram_size >= 0, "no_repeat_ngram_size", no_repeat_ngram_size, "0 (off) or more");
  if (exponential_decay_length_penalty)
    range.need(exponential_decay_length_penalty->second >= 0, "exponential_decay_length_penalty",
               exponential_decay_length_penalty->second, "a pair with a factor of 0 or more");
  range.need(!all_suppressed(forced_eos_token_id, suppress_tokens), "suppress_tokens",
             fmt::format("[{}]", fmt::join(suppress_tokens, ", ")),
             "without the tokens of forced_eos_token_id");
  if (forced_bos_token_id)
    range.need(!all_suppressed({*forced_bos_token_id}, suppress_tokens), "suppress_tokens",
               fmt::format("[{}]", fmt::join(suppress_tokens, ", ")), "without forced_bos_token_id");
  if (!vocabulary) return;
  for (const auto& sequence : bad_words_ids) range.need_tokens("bad_words_ids", sequence, *vocabulary);
  for (const auto& [sequence, bias] : sequence_bias)
    range.need_tokens("sequence_bias", sequence, *vocabulary);
  for (const auto& [token, bias] : logit_bias) range.need_tokens("logit_bias", {token}, *vocabulary);
  if (forced_bos_token_id) range.need_tokens("forced_bos_token_id", {*forced_bos_token_id}, *vocabulary);
  range.need_tokens("forced_eos_token_id", forced_eos_token_id, *vocabulary);
}

GenerationOptions options_of(const GenerationConfig& config) {
  GenerationOptions options;
  for (const auto& [name, value] : config.values().items()) {
    if (is_missing(name, value, ErrorKind::model, config.source()) || value.is_null()) continue;
    if (const Known* known = find_known(name))
      known->set(options, OptionValue(name, value, ErrorKind::model, config.source()));
  }
  options.check(ErrorKind::model, config.source());
  return options;
}

GenerationOptions with_options(GenerationOptions base, const nlohmann::json& values, ErrorKind kind,
                               const std::string& place) {
  if (!values.is_object())
    fail_at(kind, place, "options are an object, {{\"temperature\": 0.7}}, but here is {}",
            values.type_name());
  bool asks_for_sampling = false;
  for (const auto& [name, value] : values.items()) {
    if (is_missing(name, value, kind, place)) continue;
    const Known* known = find_known(name);
    if (known == nullptr) {
      if (std::find(std::begin(kWithoutEffect), std::end(kWithoutEffect), name) == std::end(kWithoutEffect))
        refuse_unknown(name, kind, place);
      continue;
    }
    if (value.is_null()) continue;
    known->set(base, OptionValue(name, value, kind, place));
    asks_for_sampling = asks_for_sampling || known->samples;
  }
  const auto do_sample = values.find("do_sample");
  if (asks_for_sampling && (do_sample == values.end() || do_sample->is_null())) base.do_sample = true;
  base.check(kind, place);
  return base;
}

}  // namespace millrace
