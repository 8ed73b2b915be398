#include "decoders/generation/runner.h"

#include <algorithm>
#include <random>

#include "base/error.h"
#include "decoders/generation/prompt_lookup.h"
#include "decoders/rules/generation_rules.h"
#include "decoders/search/sampler.h"

namespace millrace {
namespace {

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

uint64_t seed_of(const GenerationOptions& options) {
  return options.seed ? *options.seed : uint64_t{std::random_device{}()} << 32 | std::random_device{}();
}

// Chooses the tokens of one sequence.
auto chooser(const GenerationOptions& options, const LogitRules& own) {
  return [rules = make_rules(options, own), sampler = std::make_shared<Sampler>(seed_of(options)),
          temperature = options.samples() ? 1.f : 0.f](const TokensSoFar& so_far, std::span<float> logits) {
    apply_rules(rules, so_far, logits);
    return sampler->sample(logits, temperature);
  };
}

// Guesses tokens that the options do not forbid.
PromptLookup guesser(GenerationOptions options, int64_t max_length, int64_t vocabulary) {
  options.do_sample = false;
  return PromptLookup({.tokens = options.prompt_lookup_num_tokens,
                       .ngram = options.max_matching_ngram_size,
                       .max_length = max_length},
                      make_rules(options), options.eos_token_id, vocabulary);
}

}  // namespace

Runner::Runner(Parts parts) : parts_(std::move(parts)), batch_(parts_.decoder, parts_.batch) {
  if (parts_.tokenizer == nullptr) fail(ErrorKind::model, "the model can't write text: it has no tokenizer");
}

std::unique_ptr<Runner::Generation> Runner::start(Prompt prompt, const GenerationOptions& options,
                                                  std::shared_ptr<const OutputForm> form,
                                                  std::shared_ptr<const CancelToken> unwanted) {
  const auto length = std::ssize(prompt.tokens);
  options.check(ErrorKind::usage, "", parts_.decoder->vocabulary());
  GenerationOptions bounded = options;
  bounded.max_new_tokens = std::max<int64_t>(1, options.new_token_limit(length, max_length() - length));
  LogitRules own;
  if (form) own.push_back(form->rule(options.eos_token_id));
  if (options.num_beams > 1) {
    batch_.check(prompt.tokens, prompt.fed);
    auto search = [decoder = parts_.decoder, prompt = std::move(prompt), bounded, own,
                   cancel = parts_.batch.cancel, unwanted] {
      return generate_with_beams(*decoder, {.tokens = prompt.tokens, .fed = prompt.fed}, bounded, own, cancel,
                                 unwanted.get());
    };
    std::unique_ptr<Generation> text(new Generation(nullptr, std::move(search), *this, options, length));
    text->unwanted_ = std::move(unwanted);
    return text;
  }
  SequenceRequest request{.prompt = std::move(prompt.tokens),
                          .fed = std::move(prompt.fed),
                          .max_new_tokens = *bounded.max_new_tokens,
                          .end_tokens = options.eos_token_id,
                          .choose = chooser(bounded, own),
                          .guess = {},
                          .unwanted = unwanted};
  if (options.prompt_lookup_num_tokens > 0 && !form)
    request.guess = [lookup = guesser(bounded, max_length(), parts_.decoder->vocabulary())](
                        const TokensSoFar& so_far) { return lookup.candidates(so_far); };
  std::unique_ptr<Generation> text(
      new Generation(batch_.start(std::move(request)), {}, *this, options, length));
  text->unwanted_ = std::move(unwanted);
  return text;
}

Runner::Generation::Generation(std::unique_ptr<SequenceBatch::Sequence> sequence, Search search,
                               const Runner& runner, const GenerationOptions& options, int64_t prompt_tokens)
    : sequence_(std::move(sequence)),
      search_(std::move(search)),
      detokenizer_(runner.parts_.tokenizer),
      stops_(options.stop_strings),
      end_tokens_(options.eos_token_id) {
  result_.prompt_tokens = prompt_tokens;
}

std::optional<std::string> Runner::Generation::next() {
  if (over_) return std::nullopt;
  BeamText found;
  std::optional<TokenId> token;
  if (search_)
    found = unwanted() ? BeamText() : search_();
  else
    token = unwanted() ? std::nullopt : sequence_->next();
  if (unwanted()) {
    end(FinishReason::cancelled);
    return std::nullopt;
  }
  if (search_) return write_all(found);
  if (!token) return finish();
  if (result_.tokens.empty()) {
    result_.prompt_seconds = seconds_since(begin_);
    result_.reused_tokens = sequence_->reused();
  }
  return write(*token);
}

std::string Runner::Generation::write(TokenId token) {
  // Where every token is ruled out, the text has the form it is to have and nothing can follow.
  const bool ends = token < 0 || std::ranges::count(end_tokens_, token) > 0;
  if (token >= 0) result_.tokens.push_back(token);
  if (ends) {
    result_.reason = FinishReason::stop;
    return finish();
  }
  std::string text = stops_.add(detokenizer_.push(token));
  result_.text += text;
  if (!stops_.stopped()) return text;
  end(FinishReason::stop);
  return text;
}

// Nobody wants the rest.
void Runner::Generation::end(FinishReason reason) {
  over_ = true;
  result_.reason = reason;
  result_.seconds = seconds_since(begin_);
  sequence_.reset();
}

std::string Runner::Generation::write_all(const BeamText& found) {
  std::string text;
  for (const TokenId token : found.tokens) {
    text += write(token);
    if (over_) return text;
  }
  if (found.ended) result_.reason = FinishReason::stop;
  return text + finish();
}

std::string Runner::Generation::finish() {
  over_ = true;
  std::string text = stops_.add(detokenizer_.finish());
  if (stops_.stopped())
    result_.reason = FinishReason::stop;
  else
    text += stops_.finish();
  result_.text += text;
  result_.seconds = seconds_since(begin_);
  return text;
}

}  // namespace millrace
